using Apprentice.Data;

namespace Apprentice.Evaluation;

/// <summary>Scores clone detection: decisions at a threshold, average precision, ROC-AUC.</summary>
public static class CloneEvaluation
{
    /// <summary>Scores one run.</summary>
    /// <param name="pairs">The data set.</param>
    /// <param name="predictions">One prediction for each pair, in any order.</param>
    /// <param name="options">Settings, or null for the defaults.</param>
    /// <exception cref="PredictionException">Predictions and data set do not belong together.</exception>
    public static EvaluationReport Score(IReadOnlyList<ClonePair> pairs, IReadOnlyList<PairPrediction> predictions, EvaluationOptions? options = null) =>
        Score(pairs, [predictions], options);

    /// <summary>Scores several runs of one model.</summary>
    /// <param name="pairs">The data set.</param>
    /// <param name="runs">For each run one prediction for each pair, in any order.</param>
    /// <param name="options">Settings, or null for the defaults. One threshold serves all runs.</param>
    /// <exception cref="PredictionException">Predictions and data set do not belong together.</exception>
    public static EvaluationReport Score(IReadOnlyList<ClonePair> pairs, IReadOnlyList<IReadOnlyList<PairPrediction>> runs, EvaluationOptions? options = null)
    {
        options ??= new EvaluationOptions();
        Measuring.CheckRuns(runs.Count);
        IReadOnlyList<PairPrediction>[] aligned = [.. runs.Select(run => Predictions.Align(pairs, run))];
        List<GroupMetrics> groups = [];
        foreach ((string dimension, string name, int[] items) in Measuring.Split(pairs.Count, Dimensions(pairs)))
        {
            ClonePair[] part = [.. items.Select(i => pairs[i])];
            IReadOnlyList<PairPrediction>[] partRuns = [.. aligned.Select(run => items.Select(i => run[i]).ToArray())];
            groups.Add(new GroupMetrics(dimension, name, items.Length, Measure(part, partRuns, options)));
        }

        return new EvaluationReport
        {
            Task = "clone-detection",
            Items = pairs.Count,
            Positives = pairs.Count(pair => pair.Label == 1),
            Runs = runs.Count,
            Options = options,
            Overall = Measure(pairs, aligned, options),
            Groups = groups,
        };
    }

    /// <summary>The threshold with the best F1: for use on validation data only.</summary>
    /// <param name="pairs">Validation pairs.</param>
    /// <param name="predictions">Their predictions, in any order.</param>
    /// <exception cref="PredictionException">Predictions and data set do not belong together.</exception>
    public static double ChooseThreshold(IReadOnlyList<ClonePair> pairs, IReadOnlyList<PairPrediction> predictions) =>
        Thresholds.BestF1([.. Predictions.Align(pairs, predictions).Select(prediction => prediction.Score)], [.. pairs.Select(pair => pair.Label == 1)]);

    internal static IReadOnlyList<MeasuredStatistic> Statistics(
        IReadOnlyList<ClonePair> pairs, IReadOnlyList<IReadOnlyList<PairPrediction>> runs, EvaluationOptions options)
    {
        int n = pairs.Count;
        bool[] labels = [.. pairs.Select(pair => pair.Label == 1)];
        double[] positives = [.. labels.Select(label => label ? 1.0 : 0)];
        double[] truePositives = new double[n], called = new double[n], right = new double[n], both = new double[n], twice = new double[n], ones = new double[n];
        for (int i = 0; i < n; i++)
        {
            foreach (IReadOnlyList<PairPrediction> run in runs)
            {
                bool positive = run[i].Score > options.Threshold;
                called[i] += positive ? 1.0 / runs.Count : 0;
                truePositives[i] += positive && labels[i] ? 1.0 / runs.Count : 0;
                right[i] += positive == labels[i] ? 1.0 / runs.Count : 0;
            }

            both[i] = called[i] + positives[i];
            twice[i] = 2 * truePositives[i];
            ones[i] = 1;
        }

        double[][] scores = [.. runs.Select(run => run.Select(prediction => prediction.Score).ToArray())];
        return
        [
            new MeasuredStatistic(Metric.AveragePrecision, new MeanOfStatistics([.. scores.Select(run => new AveragePrecisionStatistic(run, labels))])),
            new MeasuredStatistic(Metric.RocAuc, new MeanOfStatistics([.. scores.Select(run => new RocAucStatistic(run, labels))])),
            new MeasuredStatistic(Metric.Precision, new RatioStatistic(truePositives, called, 0)),
            new MeasuredStatistic(Metric.Recall, new RatioStatistic(truePositives, positives, 0)),
            new MeasuredStatistic(Metric.F1, new RatioStatistic(twice, both, 0)),
            new MeasuredStatistic(Metric.Accuracy, new RatioStatistic(right, ones)),
        ];
    }

    private static MetricValues Measure(IReadOnlyList<ClonePair> pairs, IReadOnlyList<IReadOnlyList<PairPrediction>> runs, EvaluationOptions options) =>
        Measuring.Measure(Statistics(pairs, runs, options), options, [.. pairs.Select(pair => pair.Problem)]);

    private static (string, Func<int, string?>)[] Dimensions(IReadOnlyList<ClonePair> pairs) =>
    [
        ("reach", i => pairs[i].LanguageA == pairs[i].LanguageB ? "same language" : "across languages"),
        ("language", i => string.CompareOrdinal(pairs[i].LanguageA, pairs[i].LanguageB) switch
        {
            0 => pairs[i].LanguageA,
            < 0 => $"{pairs[i].LanguageA}+{pairs[i].LanguageB}",
            _ => $"{pairs[i].LanguageB}+{pairs[i].LanguageA}",
        }),
        ("source", i => pairs[i].Source),
    ];
}
