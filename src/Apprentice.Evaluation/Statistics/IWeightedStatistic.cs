namespace Apprentice.Evaluation;

/// <summary>A figure over items that can be computed again with each item counted several times: what a bootstrap needs.</summary>
/// <remarks>Implementations are immutable and safe to use from several threads.</remarks>
public interface IWeightedStatistic
{
    /// <summary>Number of items.</summary>
    int Items { get; }

    /// <summary>The figure with item i counted <c>weights[i]</c> times; NaN when undefined.</summary>
    /// <param name="weights">One weight for each item, not negative.</param>
    double Evaluate(ReadOnlySpan<double> weights);
}

/// <summary>Evaluates statistics on the data as they are.</summary>
public static class WeightedStatistics
{
    /// <summary>The figure with every item counted once.</summary>
    /// <param name="statistic">Any statistic.</param>
    public static double Point(this IWeightedStatistic statistic)
    {
        double[] ones = new double[statistic.Items];
        Array.Fill(ones, 1);
        return statistic.Evaluate(ones);
    }
}
