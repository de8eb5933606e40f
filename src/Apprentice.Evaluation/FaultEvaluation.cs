using Apprentice.Data;

namespace Apprentice.Evaluation;

/// <summary>Scores fault localization: ranking of lines, line decisions at a threshold, and telling faulty functions from clean ones.</summary>
/// <remarks>
/// Several runs (seeds) of one model are averaged within each function before anything else, so that intervals are over functions.
/// Ranking metrics are over the functions with a faulty line; line decisions pool the lines of all functions.
/// </remarks>
public static class FaultEvaluation
{
    /// <summary>Scores one run.</summary>
    /// <param name="examples">The data set.</param>
    /// <param name="predictions">One prediction for each example, in any order.</param>
    /// <param name="options">Settings, or null for the defaults.</param>
    /// <exception cref="PredictionException">Predictions and data set do not belong together.</exception>
    public static EvaluationReport Score(IReadOnlyList<FaultExample> examples, IReadOnlyList<LinePrediction> predictions, EvaluationOptions? options = null) =>
        Score(examples, [predictions], options);

    /// <summary>Scores several runs of one model.</summary>
    /// <param name="examples">The data set.</param>
    /// <param name="runs">For each run one prediction for each example, in any order.</param>
    /// <param name="options">Settings, or null for the defaults. One threshold serves all runs.</param>
    /// <exception cref="PredictionException">Predictions and data set do not belong together.</exception>
    public static EvaluationReport Score(IReadOnlyList<FaultExample> examples, IReadOnlyList<IReadOnlyList<LinePrediction>> runs, EvaluationOptions? options = null)
    {
        options ??= new EvaluationOptions();
        Measuring.CheckRuns(runs.Count);
        IReadOnlyList<LinePrediction>[] aligned = [.. runs.Select(run => Predictions.Align(examples, run))];
        List<GroupMetrics> groups = [];
        foreach ((string dimension, string name, int[] items) in Measuring.Split(examples.Count, Dimensions(examples)))
        {
            FaultExample[] part = [.. items.Select(i => examples[i])];
            IReadOnlyList<LinePrediction>[] partRuns = [.. aligned.Select(run => items.Select(i => run[i]).ToArray())];
            groups.Add(new GroupMetrics(dimension, name, items.Length, Measure(part, partRuns, options)));
        }

        return new EvaluationReport
        {
            Task = examples.Any(example => example.Task == "vulnerability-localization") ? "vulnerability-localization" : "fault-localization",
            Items = examples.Count,
            Positives = examples.Count(example => example.FaultyLines.Count > 0),
            Runs = runs.Count,
            Options = options,
            Overall = Measure(examples, aligned, options),
            Groups = groups,
        };
    }

    /// <summary>The threshold with the best pooled line F1: for use on validation data only.</summary>
    /// <param name="examples">Validation functions.</param>
    /// <param name="predictions">Their predictions, in any order.</param>
    /// <returns>The middle between the last score called faulty and the next one; the smallest line count wins among equals.</returns>
    /// <exception cref="PredictionException">Predictions and data set do not belong together.</exception>
    public static double ChooseThreshold(IReadOnlyList<FaultExample> examples, IReadOnlyList<LinePrediction> predictions)
    {
        IReadOnlyList<LinePrediction> aligned = Predictions.Align(examples, predictions);
        List<double> scores = [];
        List<bool> labels = [];
        for (int i = 0; i < examples.Count; i++)
        {
            scores.AddRange(aligned[i].LineScores);
            bool[] gold = new bool[aligned[i].LineScores.Length];
            foreach (int line in examples[i].FaultyLines)
            {
                gold[line - 1] = true;
            }

            labels.AddRange(gold);
        }

        return Thresholds.BestF1([.. scores], [.. labels]);
    }

    internal static IReadOnlyList<MeasuredStatistic> Statistics(
        IReadOnlyList<FaultExample> examples, IReadOnlyList<IReadOnlyList<LinePrediction>> runs, EvaluationOptions options)
    {
        int n = examples.Count;
        double[] faulty = new double[n];
        Metric[] ranked = [Metric.Top1, Metric.Top3, Metric.Top5, Metric.Mfr, Metric.Mar, Metric.Mrr, Metric.Map, Metric.Exam, Metric.Ifa];
        double[][] rankValues = [.. ranked.Select(_ => new double[n])];
        double[] truePositives = new double[n], called = new double[n], gold = new double[n], both = new double[n], twice = new double[n];
        for (int i = 0; i < n; i++)
        {
            HashSet<int> faultyLines = [.. examples[i].FaultyLines];
            faulty[i] = faultyLines.Count > 0 ? 1 : 0;
            gold[i] = faultyLines.Count;
            foreach (IReadOnlyList<LinePrediction> run in runs)
            {
                double[] scores = run[i].LineScores;
                for (int line = 1; line <= scores.Length; line++)
                {
                    if (scores[line - 1] > options.Threshold)
                    {
                        called[i] += 1.0 / runs.Count;
                        truePositives[i] += faultyLines.Contains(line) ? 1.0 / runs.Count : 0;
                    }
                }

                if (faultyLines.Count > 0)
                {
                    LineRanking ranking = LineRanking.Of(scores, [.. faultyLines]);
                    double[] values =
                    [
                        ranking.HitAt(1), ranking.HitAt(3), ranking.HitAt(5), ranking.FirstRank, ranking.MeanRank,
                        ranking.ReciprocalRank, ranking.AveragePrecision, ranking.Exam, ranking.FalseAlarms,
                    ];
                    for (int metric = 0; metric < values.Length; metric++)
                    {
                        rankValues[metric][i] += values[metric] / runs.Count;
                    }
                }
            }

            both[i] = called[i] + gold[i]; // 2TP + FP + FN.
            twice[i] = 2 * truePositives[i];
        }

        List<MeasuredStatistic> statistics = [.. ranked.Select((metric, i) => new MeasuredStatistic(metric, new RatioStatistic(rankValues[i], faulty)))];
        statistics.Add(new MeasuredStatistic(Metric.Precision, new RatioStatistic(truePositives, called, 0)));
        statistics.Add(new MeasuredStatistic(Metric.Recall, new RatioStatistic(truePositives, gold, 0)));
        statistics.Add(new MeasuredStatistic(Metric.F1, new RatioStatistic(twice, both, 0)));
        PooledLines[] pools = [.. runs.Select(run => new PooledLines([.. run.Select((prediction, i) => Lines(examples[i], prediction, options))]))];
        statistics.Add(new MeasuredStatistic(Metric.Effort, new MeanOfStatistics([.. pools.Select(pool => new EffortStatistic(pool))])));
        statistics.Add(new MeasuredStatistic(Metric.RecallAtOnePercent, new MeanOfStatistics([.. pools.Select(pool => new RecallAtEffortStatistic(pool))])));
        if (faulty.Contains(0) && faulty.Contains(1))
        {
            bool[] labels = [.. faulty.Select(value => value > 0)];
            statistics.Add(new MeasuredStatistic(
                Metric.FunctionAuc,
                new MeanOfStatistics([.. runs.Select(run => new RocAucStatistic(run.Select(prediction => prediction.FaultProbability).ToArray(), labels))])));
        }

        return statistics;
    }

    private static MetricValues Measure(IReadOnlyList<FaultExample> examples, IReadOnlyList<IReadOnlyList<LinePrediction>> runs, EvaluationOptions options) =>
        Measuring.Measure(Statistics(examples, runs, options), options, [.. examples.Select(example => example.ProjectOrProblem)]);

    // Blank lines are nothing to read: they do not count as effort.
    private static ScoredLines Lines(FaultExample example, LinePrediction prediction, EvaluationOptions options)
    {
        string[] lines = example.Code.Split('\n');
        int[] kept = [.. Enumerable.Range(0, lines.Length).Where(i => !string.IsNullOrWhiteSpace(lines[i]) || example.FaultyLines.Contains(i + 1))];
        return new ScoredLines(
            prediction.FaultProbability > options.FunctionThreshold,
            [.. kept.Select(i => prediction.LineScores[i])],
            [.. kept.Select(i => example.FaultyLines.Contains(i + 1))]);
    }

    private static (string, Func<int, string?>)[] Dimensions(IReadOnlyList<FaultExample> examples) =>
    [
        ("language", i => examples[i].Language),
        ("source", i => examples[i].Source),
        ("faulty line", i => FaultyLineLength(examples[i])),
        ("function length", i => Predictions.LineCount(examples[i].Code) switch { <= 10 => "up to 10 lines", <= 30 => "11 to 30 lines", _ => "over 30 lines" }),
    ];

    // Does a model find faults on short lines, or does it only point at long ones?
    private static string? FaultyLineLength(FaultExample example)
    {
        if (example.FaultyLines.Count == 0)
        {
            return null;
        }

        string[] lines = example.Code.Split('\n');
        return example.FaultyLines.Max(line => lines[line - 1].Trim().Length) switch
        {
            <= 20 => "up to 20 characters",
            <= 40 => "21 to 40 characters",
            _ => "over 40 characters",
        };
    }
}
