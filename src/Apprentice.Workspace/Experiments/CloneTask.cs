using Apprentice.Compute;
using Apprentice.Data;
using Apprentice.Evaluation;
using Apprentice.Training;

namespace Apprentice.Workspace;

/// <summary>Clone detection in an experiment.</summary>
public sealed class CloneTask : ExperimentTask<ClonePair, PairPrediction>
{
    /// <inheritdoc/>
    public override Task<List<ClonePair>> ReadAsync(string path, CancellationToken cancellationToken) => CloneDataset.ReadAllAsync(path, cancellationToken);

    /// <inheritdoc/>
    public override string Fingerprint(ClonePair row) => $"{row.Id}\u0001{row.CodeA}\u0001{row.CodeB}\u0001{row.Label}";

    /// <inheritdoc/>
    public override string Stratum(ClonePair row) => $"{row.LanguageA}+{row.LanguageB}/{row.Label}";

    /// <inheritdoc/>
    public override string Id(ClonePair row) => row.Id;

    /// <inheritdoc/>
    public override List<ClonePair> ShuffleLabels(IReadOnlyList<ClonePair> rows, SeededRandom random)
    {
        int[] labels = [.. rows.Select(row => row.Label)];
        random.Shuffle(labels.AsSpan());
        return [.. rows.Zip(labels, (row, label) => row with { Label = label })];
    }

    /// <inheritdoc/>
    public override TaskSettings Settings(Recipe recipe, TrainingRecipe training) =>
        new() { Task = recipe.Task, CloneHead = recipe.CloneHead, MaximumLength = training.MaximumLength ?? 0 };

    /// <inheritdoc/>
    public override ITrainingTask Training(TaskModel model, IReadOnlyList<ClonePair> rows, TrainingRecipe training, SeededRandom random) =>
        new CloneTrainingTask(model, rows.Select(row => (row.CodeA, row.CodeB, row.Label)));

    /// <inheritdoc/>
    public override List<PairPrediction> Predict(TaskModel model, IReadOnlyList<ClonePair> rows, Workers workers) =>
        [.. CloneDetector.Predict(model, [.. rows.Select(row => (row.CodeA, row.CodeB))], workers).Zip(rows, (score, row) => new PairPrediction(row.Id, score))];

    /// <summary>Average precision.</summary>
    /// <inheritdoc/>
    public override double Score(IReadOnlyList<ClonePair> rows, IReadOnlyList<PairPrediction> predictions)
    {
        // Pairs of equal score form one threshold, as in scikit-learn's average_precision_score.
        double sum = 0;
        int seen = 0;
        int found = 0;
        foreach (IGrouping<double, bool> group in rows.Zip(predictions, (row, prediction) => (prediction.Score, Positive: row.Label == 1))
            .GroupBy(item => item.Score, item => item.Positive).OrderByDescending(group => group.Key))
        {
            int positives = group.Count(positive => positive);
            seen += group.Count();
            found += positives;
            sum += positives * ((double)found / seen);
        }

        return found == 0 ? 0 : sum / found;
    }

    /// <inheritdoc/>
    public override double Threshold(IReadOnlyList<ClonePair> rows, IReadOnlyList<PairPrediction> predictions) =>
        BestThreshold(rows.Zip(predictions, (row, prediction) => (prediction.Score, row.Label == 1)));

    /// <inheritdoc/>
    public override IReadOnlyList<Metric> Headlines { get; } = [Metric.AveragePrecision, Metric.F1];

    /// <inheritdoc/>
    public override EvaluationReport Report(IReadOnlyList<ClonePair> rows, IReadOnlyList<IReadOnlyList<PairPrediction>> runs, EvaluationOptions options) => CloneEvaluation.Score(rows, runs, options);

    /// <inheritdoc/>
    public override ComparisonReport Compare(
        IReadOnlyList<ClonePair> rows, IReadOnlyList<IReadOnlyList<PairPrediction>> first, IReadOnlyList<IReadOnlyList<PairPrediction>> second,
        EvaluationOptions firstOptions, EvaluationOptions secondOptions) => Comparison.Compare(rows, first, second, firstOptions, secondOptions);

    /// <inheritdoc/>
    public override IEnumerable<(string Name, IReadOnlyList<PairPrediction> Predictions)> Baselines(IReadOnlyList<ClonePair> rows) =>
        [("token overlap", (IReadOnlyList<PairPrediction>)[.. rows.Select(Evaluation.Baselines.TokenOverlap)])];

    /// <inheritdoc/>
    public override Task WriteAsync(string path, IReadOnlyList<PairPrediction> predictions, CancellationToken cancellationToken) => Predictions.WriteAsync(path, predictions, cancellationToken);

    /// <inheritdoc/>
    public override async Task<IReadOnlyList<PairPrediction>> ReadPredictionsAsync(string path, IReadOnlyList<ClonePair> rows, CancellationToken cancellationToken) =>
        Predictions.Align(rows, await Predictions.ReadPairsAsync(path, cancellationToken).ConfigureAwait(false), path);
}
