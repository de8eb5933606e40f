using Apprentice.Data;

namespace Apprentice.Evaluation;

/// <summary>The difference of two models on one metric over the same items.</summary>
/// <param name="Metric">What is compared.</param>
/// <param name="First">Value of the first model, with its interval.</param>
/// <param name="Second">Value of the second model, with its interval.</param>
/// <param name="Difference">Second minus first, with the paired bootstrap interval.</param>
/// <param name="P">Two-sided p-value of <paramref name="Test"/>; NaN when undefined.</param>
/// <param name="Test"><c>exchange</c> (items' contributions exchanged at random; for means the sign-flip test) or <c>bootstrap</c> (twice the smaller share of resampled differences beyond 0).</param>
public sealed record MetricDifference(Metric Metric, Estimate First, Estimate Second, Estimate Difference, double P, string Test)
{
    /// <summary>Difference as a share of the first value.</summary>
    public double Relative => Difference.Value / First.Value;

    /// <summary>True when the second model is better and the interval of the difference leaves 0 out.</summary>
    public bool Improves => Metric.HigherIsBetter ? Difference.Low > 0 : Difference.High < 0;
}

/// <summary>All differences of two models.</summary>
/// <param name="Items">Number of items compared.</param>
/// <param name="Differences">One entry for each metric, in display order.</param>
public sealed record ComparisonReport(int Items, IReadOnlyList<MetricDifference> Differences)
{
    /// <summary>The difference on a metric.</summary>
    /// <param name="metric">A metric of the report.</param>
    public MetricDifference this[Metric metric] => Differences.First(difference => difference.Metric == metric);
}

/// <summary>Paired comparison of two models on the same items: difference, interval, p-value.</summary>
/// <remarks>Runs (seeds) of each model are averaged within an item first; both sides may have different numbers of runs.</remarks>
public static class Comparison
{
    private static readonly Metric[] FaultMetrics = [Metric.Top1, Metric.Top3, Metric.Top5, Metric.Mfr, Metric.Mar, Metric.Map, Metric.Precision, Metric.Recall, Metric.F1];

    private static readonly Metric[] CloneMetrics = [Metric.AveragePrecision, Metric.RocAuc, Metric.Precision, Metric.Recall, Metric.F1];

    /// <summary>Compares two fault localizers.</summary>
    /// <param name="examples">The data set.</param>
    /// <param name="first">Runs of the first model (before).</param>
    /// <param name="second">Runs of the second model (after).</param>
    /// <param name="firstOptions">Settings of the first model, or null for the defaults; resampling settings of both sides are these.</param>
    /// <param name="secondOptions">Settings of the second model (its threshold), or null for those of the first.</param>
    /// <exception cref="PredictionException">Predictions and data set do not belong together.</exception>
    public static ComparisonReport Compare(
        IReadOnlyList<FaultExample> examples,
        IReadOnlyList<IReadOnlyList<LinePrediction>> first,
        IReadOnlyList<IReadOnlyList<LinePrediction>> second,
        EvaluationOptions? firstOptions = null,
        EvaluationOptions? secondOptions = null)
    {
        firstOptions ??= new EvaluationOptions();
        IReadOnlyList<MeasuredStatistic> Of(IReadOnlyList<IReadOnlyList<LinePrediction>> runs, EvaluationOptions options)
        {
            Measuring.CheckRuns(runs.Count);
            return FaultEvaluation.Statistics(examples, [.. runs.Select(run => Predictions.Align(examples, run))], options);
        }

        return Compare(
            examples.Count, FaultMetrics, Of(first, firstOptions), Of(second, secondOptions ?? firstOptions), firstOptions, [.. examples.Select(example => example.ProjectOrProblem)]);
    }

    /// <summary>Compares two clone detectors.</summary>
    /// <param name="pairs">The data set.</param>
    /// <param name="first">Runs of the first model (before).</param>
    /// <param name="second">Runs of the second model (after).</param>
    /// <param name="firstOptions">Settings of the first model, or null for the defaults; resampling settings of both sides are these.</param>
    /// <param name="secondOptions">Settings of the second model (its threshold), or null for those of the first.</param>
    /// <exception cref="PredictionException">Predictions and data set do not belong together.</exception>
    public static ComparisonReport Compare(
        IReadOnlyList<ClonePair> pairs,
        IReadOnlyList<IReadOnlyList<PairPrediction>> first,
        IReadOnlyList<IReadOnlyList<PairPrediction>> second,
        EvaluationOptions? firstOptions = null,
        EvaluationOptions? secondOptions = null)
    {
        firstOptions ??= new EvaluationOptions();
        IReadOnlyList<MeasuredStatistic> Of(IReadOnlyList<IReadOnlyList<PairPrediction>> runs, EvaluationOptions options)
        {
            Measuring.CheckRuns(runs.Count);
            return CloneEvaluation.Statistics(pairs, [.. runs.Select(run => Predictions.Align(pairs, run))], options);
        }

        return Compare(pairs.Count, CloneMetrics, Of(first, firstOptions), Of(second, secondOptions ?? firstOptions), firstOptions, [.. pairs.Select(pair => pair.Problem)]);
    }

    private static ComparisonReport Compare(
        int items, Metric[] metrics, IReadOnlyList<MeasuredStatistic> first, IReadOnlyList<MeasuredStatistic> second, EvaluationOptions options, IReadOnlyList<string> projects)
    {
        IWeightedStatistic[] a = [.. metrics.Select(metric => first.First(entry => entry.Metric == metric).Statistic)];
        IWeightedStatistic[] b = [.. metrics.Select(metric => second.First(entry => entry.Metric == metric).Statistic)];
        double[][] samples = Bootstrap.Samples([.. a, .. b], options.Resampling, Measuring.Groups(options, projects));
        List<MetricDifference> differences = [];
        for (int i = 0; i < metrics.Length; i++)
        {
            double[] samplesA = samples[i], samplesB = samples[metrics.Length + i];
            double[] difference = [.. samplesB.Zip(samplesA, (second, first) => second - first)];
            double valueA = a[i].Point(), valueB = b[i].Point();
            bool exchange = a[i] is RatioStatistic && b[i] is RatioStatistic && !options.ResampleProjects;
            double p = exchange ? Permutation.Exchange((RatioStatistic)b[i], (RatioStatistic)a[i], options.Resampling) : BootstrapP(difference);
            differences.Add(new MetricDifference(
                metrics[i],
                With(valueA, samplesA, options),
                With(valueB, samplesB, options),
                With(valueB - valueA, difference, options),
                p,
                exchange ? "exchange" : "bootstrap"));
        }

        return new ComparisonReport(items, differences);
    }

    private static Estimate With(double value, double[] samples, EvaluationOptions options)
    {
        (double low, double high) = Bootstrap.Interval(samples, options.Resampling.Confidence);
        return new Estimate(value, low, high);
    }

    private static double BootstrapP(double[] differences)
    {
        double[] defined = [.. differences.Where(value => !double.IsNaN(value))];
        if (defined.Length == 0)
        {
            return double.NaN;
        }

        int below = defined.Count(value => value <= 0), above = defined.Count(value => value >= 0);
        return Math.Min(1, 2.0 * (1 + Math.Min(below, above)) / (1 + defined.Length));
    }
}
