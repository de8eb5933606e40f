using Apprentice.Compute;

namespace Apprentice.Training;

/// <summary>What a trainer minimises: items, and the loss of a batch of them.</summary>
public interface ITrainingTask
{
    /// <summary>Number of items.</summary>
    int Count { get; }

    /// <summary>Runs the model on a batch and returns its loss.</summary>
    /// <param name="tape">Records the operations.</param>
    /// <param name="items">Numbers of the items, from 0.</param>
    /// <param name="random">Randomness of this step, a function of seed and step only.</param>
    /// <returns>The scalar loss, and the number of tokens that went through the encoder.</returns>
    (Tensor Loss, int Tokens) Loss(Tape tape, IReadOnlyList<int> items, SeededRandom random);
}

/// <summary>Progress of a training: one step taken.</summary>
/// <param name="Step">Steps taken so far, from 1.</param>
/// <param name="Steps">Steps in all.</param>
/// <param name="Loss">Loss of this step's batch.</param>
/// <param name="GradientNorm">Norm before clipping.</param>
/// <param name="LearningRate">Rate of this step.</param>
/// <param name="Tokens">Useful tokens of this step.</param>
/// <param name="Seconds">Wall-clock seconds of this step.</param>
/// <param name="ValidationScore">Score on the validation split when this step looked at it, higher is better; else null.</param>
public sealed record TrainingStep(int Step, int Steps, double Loss, double GradientNorm, double LearningRate, int Tokens, double Seconds, double? ValidationScore);
