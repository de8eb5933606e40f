namespace Apprentice.Training;

/// <summary>How a model is trained. Defaults are those of CodeXGLUE's fine-tuning scripts where they have one.</summary>
public sealed record TrainerOptions
{
    /// <summary>Optimiser steps in all: the budget that two arms must share to be compared. Default 100.</summary>
    public int Steps { get; init; } = 100;

    /// <summary>Items (functions or pairs) a step. Default 16.</summary>
    public int BatchSize { get; init; } = 16;

    /// <summary>Peak learning rate of AdamW. Default 5e-5.</summary>
    public double LearningRate { get; init; } = 5e-5;

    /// <summary>Share of the steps over which the rate rises from 0. Default 0.1.</summary>
    public double WarmupShare { get; init; } = 0.1;

    /// <summary>Weight decay of matrices. Default 0.01.</summary>
    public double WeightDecay { get; init; } = 0.01;

    /// <summary>Largest gradient norm. Default 1.</summary>
    public double MaximumGradientNorm { get; init; } = 1;

    /// <summary>Seed of item order, dropout and everything else that is drawn. Default 1.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Steps between two looks at the validation split; 0 for none. Default 0.</summary>
    public int ValidateEvery { get; init; }

    /// <summary>Seconds between two checkpoints, when a checkpoint file is given. Default 60.</summary>
    public double CheckpointSeconds { get; init; } = 60;

    /// <summary>Every problem with these settings, or none.</summary>
    public IEnumerable<string> Problems()
    {
        if (Steps < 0)
        {
            yield return $"steps is {Steps}; 0 or more is expected";
        }

        if (BatchSize <= 0)
        {
            yield return $"batch_size is {BatchSize}; 1 or more is expected";
        }

        if (!(LearningRate > 0 && LearningRate < 1))
        {
            yield return $"learning_rate is {LearningRate}; a number between 0 and 1 is expected, for example 5e-5";
        }

        if (!(WarmupShare >= 0 && WarmupShare < 1))
        {
            yield return $"warmup_share is {WarmupShare}; a number from 0 to below 1 is expected";
        }

        if (WeightDecay < 0 || MaximumGradientNorm < 0)
        {
            yield return $"weight_decay {WeightDecay} and maximum_gradient_norm {MaximumGradientNorm} must not be negative";
        }

        if (ValidateEvery < 0)
        {
            yield return $"validate_every is {ValidateEvery}; 0 (never) or more is expected";
        }
    }
}
