using Apprentice.Compute;

namespace Apprentice.Models;

/// <summary>RoBERTa's classification head on given vectors: dropout, dense, tanh, dropout, linear.</summary>
/// <remarks>Source: RobertaClassificationHead of the Hugging Face implementation. With vectors of two functions side by side (width 2 · hidden) it is CodeBERT's clone head.</remarks>
public sealed class ClassificationHead
{
    private readonly Parameter _dense;
    private readonly Parameter _denseBias;
    private readonly Parameter _output;
    private readonly Parameter _outputBias;
    private readonly float _dropout;

    /// <summary>Declares the head's parameters.</summary>
    /// <param name="parameters">Set to declare them in.</param>
    /// <param name="inputs">Width of the vectors.</param>
    /// <param name="hidden">Width of the dense layer.</param>
    /// <param name="classes">Number of logits.</param>
    /// <param name="dropout">Rate in training.</param>
    /// <param name="prefix">Put before each name. Default "classifier.".</param>
    public ClassificationHead(ParameterSet parameters, int inputs, int hidden, int classes, float dropout, string prefix = "classifier.")
    {
        _dense = parameters.Declare(prefix + "dense.weight", [hidden, inputs], decay: true);
        _denseBias = parameters.Declare(prefix + "dense.bias", [hidden], decay: false);
        _output = parameters.Declare(prefix + "out_proj.weight", [classes, hidden], decay: true);
        _outputBias = parameters.Declare(prefix + "out_proj.bias", [classes], decay: false);
        _dropout = dropout;
    }

    /// <summary>Logits of each row.</summary>
    /// <param name="tape">Runs and records.</param>
    /// <param name="vectors">[rows, inputs].</param>
    /// <returns>[rows, classes].</returns>
    public Tensor Logits(Tape tape, Tensor vectors)
    {
        Tensor x = tape.DropoutOf(vectors, _dropout);
        x = tape.DropoutOf(tape.TanhOf(tape.Linear(x, _dense, _denseBias)), _dropout);
        return tape.Linear(x, _output, _outputBias);
    }
}
