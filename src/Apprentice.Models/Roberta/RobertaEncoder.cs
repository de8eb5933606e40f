using Apprentice.Compute;

namespace Apprentice.Models;

/// <summary>The RoBERTa encoder (CodeBERT, GraphCodeBERT and UniXcoder have the same layers): embeddings, then post-norm transformer layers.</summary>
/// <remarks>Source: Liu et al., 2019, arXiv:1907.11692; layer order and names as in the Hugging Face implementation of "roberta".</remarks>
public sealed class RobertaEncoder
{
    private readonly Parameter _wordEmbeddings;
    private readonly Parameter _positionEmbeddings;
    private readonly Parameter _typeEmbeddings;
    private readonly Parameter _embeddingGain;
    private readonly Parameter _embeddingBias;
    private readonly Layer[] _layers;

    /// <summary>Declares the parameters of an encoder.</summary>
    /// <param name="config">Architecture.</param>
    /// <param name="parameters">Set to declare them in; build it and then initialise or load.</param>
    /// <param name="prefix">Put before each name, as in checkpoints that hold a head too. Default "roberta.".</param>
    public RobertaEncoder(RobertaConfig config, ParameterSet parameters, string prefix = "roberta.")
    {
        Config = config;
        int hidden = config.HiddenSize;
        string embeddings = prefix + "embeddings.";
        _wordEmbeddings = parameters.Declare(embeddings + "word_embeddings.weight", [config.VocabularySize, hidden], decay: true);
        _positionEmbeddings = parameters.Declare(embeddings + "position_embeddings.weight", [config.MaximumPositionEmbeddings, hidden], decay: true);
        _typeEmbeddings = parameters.Declare(embeddings + "token_type_embeddings.weight", [config.TypeVocabularySize, hidden], decay: true);
        _embeddingGain = parameters.Declare(embeddings + "LayerNorm.weight", [hidden], decay: false);
        _embeddingBias = parameters.Declare(embeddings + "LayerNorm.bias", [hidden], decay: false);
        _layers = [.. Enumerable.Range(0, config.HiddenLayers).Select(i => new Layer(config, parameters, $"{prefix}encoder.layer.{i}."))];
    }

    /// <summary>Architecture.</summary>
    public RobertaConfig Config { get; }

    /// <summary>The word embedding table, [vocabulary, hidden]; a masked-language head shares it.</summary>
    public Parameter WordEmbeddings => _wordEmbeddings;

    /// <summary>Vectors of all tokens after the last layer.</summary>
    /// <param name="tape">Runs and, in training, records.</param>
    /// <param name="batch">Token ids, special tokens included.</param>
    /// <param name="hiddenStates">Receives the output of the embeddings and of every layer when not null.</param>
    /// <param name="causal">True when a token sees only itself and what is left of it (UniXcoder's decoder mode).</param>
    /// <returns>[tokens, hidden].</returns>
    /// <exception cref="ArgumentException">A sequence is longer than the position table allows, or an id is outside the vocabulary.</exception>
    public Tensor Encode(Tape tape, RaggedBatch batch, List<Tensor>? hiddenStates = null, bool causal = false)
    {
        int[] positions = new int[batch.Tokens];
        for (int s = 0; s < batch.Sequences; s++)
        {
            int length = batch.Offsets[s + 1] - batch.Offsets[s];
            if (length > Config.MaximumLength)
            {
                throw new ArgumentException($"Sequence {s} has {length} tokens; max_position_embeddings {Config.MaximumPositionEmbeddings} allows {Config.MaximumLength}.");
            }

            // Positions count the tokens that are not padding and start at pad_token_id + 1; a pad token inside a text gets position pad_token_id.
            int position = Config.PadTokenId;
            for (int i = batch.Offsets[s]; i < batch.Offsets[s + 1]; i++)
            {
                positions[i] = batch.Ids[i] == Config.PadTokenId ? Config.PadTokenId : ++position;
            }
        }

        Tensor x = tape.Embedding([_wordEmbeddings, _positionEmbeddings, _typeEmbeddings], [batch.Ids, positions, new int[batch.Tokens]]);
        x = tape.ResidualNorm(x, null, _embeddingGain, _embeddingBias, Config.LayerNormEpsilon);
        x = tape.DropoutOf(x, Config.HiddenDropout);
        hiddenStates?.Add(x);
        foreach (Layer layer in _layers)
        {
            x = layer.Apply(tape, x, batch.Offsets, causal);
            hiddenStates?.Add(x);
        }

        return x;
    }

    /// <summary>Draws new weights: normal with the configured deviation, biases 0, norms 1, the padding row 0.</summary>
    /// <param name="config">Gives the deviation.</param>
    /// <param name="parameters">Every parameter of the set is drawn, in declaration order.</param>
    /// <param name="random">Source of randomness.</param>
    public static void Initialise(RobertaConfig config, ParameterSet parameters, SeededRandom random)
    {
        foreach (Parameter parameter in parameters.Parameters)
        {
            bool isNorm = parameter.Name.EndsWith("LayerNorm.weight", StringComparison.Ordinal) || parameter.Name.EndsWith("layer_norm.weight", StringComparison.Ordinal);
            if (isNorm)
            {
                parameter.Values.Fill(1);
            }
            else if (parameter.Shape.Count == 1)
            {
                parameter.Values.Clear();
            }
            else
            {
                foreach (ref float value in parameter.Values)
                {
                    value = (float)(random.NextGaussian() * config.InitializerRange);
                }

                if (parameter.Name.EndsWith("word_embeddings.weight", StringComparison.Ordinal))
                {
                    parameter.Values.Slice(config.PadTokenId * parameter.Columns, parameter.Columns).Clear();
                }
            }
        }
    }

    private sealed class Layer
    {
        private readonly RobertaConfig _config;
        private readonly Parameter _projection;
        private readonly Parameter _projectionBias;
        private readonly Parameter _attentionOutput;
        private readonly Parameter _attentionOutputBias;
        private readonly Parameter _attentionGain;
        private readonly Parameter _attentionNormBias;
        private readonly Parameter _intermediate;
        private readonly Parameter _intermediateBias;
        private readonly Parameter _output;
        private readonly Parameter _outputBias;
        private readonly Parameter _outputGain;
        private readonly Parameter _outputNormBias;

        public Layer(RobertaConfig config, ParameterSet parameters, string prefix)
        {
            _config = config;
            int hidden = config.HiddenSize;
            string self = prefix + "attention.self.";

            // Query, key and value lie one after the other in memory, so that one product computes all three.
            Parameter query = parameters.Declare(self + "query.weight", [hidden, hidden], decay: true);
            Parameter key = parameters.Declare(self + "key.weight", [hidden, hidden], decay: true);
            Parameter value = parameters.Declare(self + "value.weight", [hidden, hidden], decay: true);
            Parameter queryBias = parameters.Declare(self + "query.bias", [hidden], decay: false);
            Parameter keyBias = parameters.Declare(self + "key.bias", [hidden], decay: false);
            Parameter valueBias = parameters.Declare(self + "value.bias", [hidden], decay: false);
            _projection = parameters.Join(query, key, value);
            _projectionBias = parameters.Join(queryBias, keyBias, valueBias);
            _attentionOutput = parameters.Declare(prefix + "attention.output.dense.weight", [hidden, hidden], decay: true);
            _attentionOutputBias = parameters.Declare(prefix + "attention.output.dense.bias", [hidden], decay: false);
            _attentionGain = parameters.Declare(prefix + "attention.output.LayerNorm.weight", [hidden], decay: false);
            _attentionNormBias = parameters.Declare(prefix + "attention.output.LayerNorm.bias", [hidden], decay: false);
            _intermediate = parameters.Declare(prefix + "intermediate.dense.weight", [config.IntermediateSize, hidden], decay: true);
            _intermediateBias = parameters.Declare(prefix + "intermediate.dense.bias", [config.IntermediateSize], decay: false);
            _output = parameters.Declare(prefix + "output.dense.weight", [hidden, config.IntermediateSize], decay: true);
            _outputBias = parameters.Declare(prefix + "output.dense.bias", [hidden], decay: false);
            _outputGain = parameters.Declare(prefix + "output.LayerNorm.weight", [hidden], decay: false);
            _outputNormBias = parameters.Declare(prefix + "output.LayerNorm.bias", [hidden], decay: false);
        }

        public Tensor Apply(Tape tape, Tensor x, int[] offsets, bool causal)
        {
            Tensor projected = tape.Linear(x, _projection, _projectionBias);  // [tokens, 3 · hidden]
            Tensor context = tape.Attention(projected, offsets, _config.AttentionHeads, causal, _config.AttentionDropout);
            Tensor attended = tape.DropoutOf(tape.Linear(context, _attentionOutput, _attentionOutputBias), _config.HiddenDropout);
            x = tape.ResidualNorm(attended, x, _attentionGain, _attentionNormBias, _config.LayerNormEpsilon);
            Tensor inner = tape.GeluOf(tape.Linear(x, _intermediate, _intermediateBias));  // [tokens, intermediate]
            Tensor outer = tape.DropoutOf(tape.Linear(inner, _output, _outputBias), _config.HiddenDropout);
            return tape.ResidualNorm(outer, x, _outputGain, _outputNormBias, _config.LayerNormEpsilon);
        }
    }
}
