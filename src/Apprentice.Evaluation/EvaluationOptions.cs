namespace Apprentice.Evaluation;

/// <summary>Settings of scoring predictions.</summary>
public sealed record EvaluationOptions
{
    /// <summary>What counts as positive: scores <em>above</em> it. Default 0.5, the middle of a probability.</summary>
    public double Threshold { get; init; } = 0.5;

    /// <summary>How the threshold was chosen, for the report. Default "default".</summary>
    public string ThresholdSource { get; init; } = "default";

    /// <summary>Functions with a fault probability above it are called faulty. Default 0.5.</summary>
    public double FunctionThreshold { get; init; } = 0.5;

    /// <summary>Resamples, confidence and seed of the intervals and tests.</summary>
    public ResamplingOptions Resampling { get; init; } = new();

    /// <summary>
    /// True to draw whole projects or problems instead of single items for intervals: wider, and right when items of a project resemble each other.
    /// Default false, as is usual in the field.
    /// </summary>
    public bool ResampleProjects { get; init; }
}
