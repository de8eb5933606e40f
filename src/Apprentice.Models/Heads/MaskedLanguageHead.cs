using Apprentice.Compute;

namespace Apprentice.Models;

/// <summary>RoBERTa's masked-language head: dense, GELU, layer norm, then a product with the word embeddings.</summary>
/// <remarks>Source: RobertaLMHead of the Hugging Face implementation; the decoder weight is tied to the word embeddings and not stored twice.</remarks>
public sealed class MaskedLanguageHead
{
    private readonly RobertaEncoder _encoder;
    private readonly Parameter _dense;
    private readonly Parameter _denseBias;
    private readonly Parameter _gain;
    private readonly Parameter _normBias;
    private readonly Parameter _bias;

    /// <summary>Declares the head's parameters.</summary>
    /// <param name="encoder">Whose word embeddings decode.</param>
    /// <param name="parameters">Set to declare them in.</param>
    public MaskedLanguageHead(RobertaEncoder encoder, ParameterSet parameters)
    {
        _encoder = encoder;
        int hidden = encoder.Config.HiddenSize;
        _dense = parameters.Declare("lm_head.dense.weight", [hidden, hidden], decay: true);
        _denseBias = parameters.Declare("lm_head.dense.bias", [hidden], decay: false);
        _gain = parameters.Declare("lm_head.layer_norm.weight", [hidden], decay: false);
        _normBias = parameters.Declare("lm_head.layer_norm.bias", [hidden], decay: false);
        _bias = parameters.Declare("lm_head.bias", [encoder.Config.VocabularySize], decay: false);
    }

    /// <summary>Logits over the vocabulary for the rows given; pass only the masked positions, the others cost as much and teach nothing.</summary>
    /// <param name="tape">Runs and records.</param>
    /// <param name="vectors">[positions, hidden] of the last layer.</param>
    /// <returns>[positions, vocabulary].</returns>
    public Tensor Logits(Tape tape, Tensor vectors)
    {
        Tensor x = tape.GeluOf(tape.Linear(vectors, _dense, _denseBias));
        x = tape.ResidualNorm(x, null, _gain, _normBias, _encoder.Config.LayerNormEpsilon);
        return tape.Linear(x, _encoder.WordEmbeddings, _bias);
    }
}
