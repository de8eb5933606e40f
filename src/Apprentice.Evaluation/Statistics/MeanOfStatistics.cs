namespace Apprentice.Evaluation;

/// <summary>The mean of one statistic over several runs on the same items, for figures that cannot be averaged item by item.</summary>
public sealed class MeanOfStatistics : IWeightedStatistic
{
    private readonly IReadOnlyList<IWeightedStatistic> _runs;

    /// <summary>Keeps the runs.</summary>
    /// <param name="runs">At least one statistic, all over the same items.</param>
    /// <exception cref="ArgumentException">There is none, or the numbers of items differ.</exception>
    public MeanOfStatistics(IReadOnlyList<IWeightedStatistic> runs)
    {
        if (runs.Count == 0 || runs.Any(run => run.Items != runs[0].Items))
        {
            throw new ArgumentException($"Runs have {string.Join(", ", runs.Select(run => run.Items))} items; expected one or more runs over the same items.", nameof(runs));
        }

        _runs = runs;
    }

    /// <inheritdoc/>
    public int Items => _runs[0].Items;

    /// <inheritdoc/>
    public double Evaluate(ReadOnlySpan<double> weights)
    {
        double sum = 0;
        foreach (IWeightedStatistic run in _runs)
        {
            sum += run.Evaluate(weights);
        }

        return sum / _runs.Count;
    }
}
