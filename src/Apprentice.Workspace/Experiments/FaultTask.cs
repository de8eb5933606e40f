using Apprentice.Code;
using Apprentice.Compute;
using Apprentice.Data;
using Apprentice.Evaluation;
using Apprentice.Training;

namespace Apprentice.Workspace;

/// <summary>Fault and vulnerability localization in an experiment.</summary>
public sealed class FaultTask : ExperimentTask<FaultExample, LinePrediction>
{
    /// <inheritdoc/>
    public override Task<List<FaultExample>> ReadAsync(string path, CancellationToken cancellationToken) => FaultDataset.ReadAllAsync(path, cancellationToken);

    /// <inheritdoc/>
    public override string Fingerprint(FaultExample row) => $"{row.Id}\u0001{row.Language}\u0001{row.Code}\u0001{string.Join(',', row.FaultyLines)}\u0001{row.FixedCode}";

    /// <inheritdoc/>
    public override string Stratum(FaultExample row) => row.Language;

    /// <inheritdoc/>
    public override string Id(FaultExample row) => row.Id;

    /// <inheritdoc/>
    public override List<FaultExample> ShuffleLabels(IReadOnlyList<FaultExample> rows, SeededRandom random)
    {
        List<FaultExample> result = [];
        foreach (FaultExample row in rows)
        {
            LineFeatures features = LineFeatures.Of(row.Code, Languages.Parse(row.Language));
            int[] candidates = [.. Enumerable.Range(0, features.Lines).Where(features.IsCandidate).Select(line => line + 1)];
            random.Shuffle(candidates.AsSpan());
            result.Add(row with { FaultyLines = [.. candidates.Take(Math.Max(1, row.FaultyLines.Count)).Order()] });
        }

        return result;
    }

    /// <inheritdoc/>
    public override TaskSettings Settings(Recipe recipe, TrainingRecipe training) => new() { Task = recipe.Task, MaximumLength = training.MaximumLength ?? 0 };

    /// <inheritdoc/>
    public override ITrainingTask Training(TaskModel model, IReadOnlyList<FaultExample> rows, TrainingRecipe training, SeededRandom random)
    {
        List<(string, Language, IReadOnlyList<int>)> items = [.. rows.Select(row => (row.Code, Languages.Parse(row.Language), row.FaultyLines))];
        double share = training.CleanShare ?? 0;
        foreach (FaultExample row in rows.Where(row => row.FixedCode is not null && row.FaultyLines.Count > 0))
        {
            int copies = (int)share + (random.NextDouble() < share - (int)share ? 1 : 0);
            for (int i = 0; i < copies; i++)
            {
                items.Add((row.FixedCode!, Languages.Parse(row.Language), []));
            }
        }

        return new FaultTrainingTask(model, items);
    }

    /// <inheritdoc/>
    public override List<LinePrediction> Predict(TaskModel model, IReadOnlyList<FaultExample> rows, Workers workers) =>
        [.. FaultLocalizer.Predict(model, rows.Select(row => (row.Code, Languages.Parse(row.Language))), workers)
            .Zip(rows, (scores, row) => new LinePrediction(row.Id, scores.Lines, scores.FaultProbability))];

    /// <summary>Mean reciprocal rank: on the few functions of a validation split it is steadier than Top-1.</summary>
    /// <inheritdoc/>
    public override double Score(IReadOnlyList<FaultExample> rows, IReadOnlyList<LinePrediction> predictions) =>
        rows.Zip(predictions).Where(item => item.First.FaultyLines.Count > 0).Average(item => LineRanking.Of(item.Second.LineScores, item.First.FaultyLines).ReciprocalRank);

    /// <inheritdoc/>
    public override double Threshold(IReadOnlyList<FaultExample> rows, IReadOnlyList<LinePrediction> predictions) =>
        BestThreshold(rows.Zip(predictions).SelectMany(item => item.Second.LineScores.Select((score, line) => (score, item.First.FaultyLines.Contains(line + 1)))));

    /// <inheritdoc/>
    public override IReadOnlyList<Metric> Headlines { get; } = [Metric.Top1, Metric.Top3, Metric.Top5, Metric.Mfr];

    /// <inheritdoc/>
    public override EvaluationReport Report(IReadOnlyList<FaultExample> rows, IReadOnlyList<IReadOnlyList<LinePrediction>> runs, EvaluationOptions options) => FaultEvaluation.Score(rows, runs, options);

    /// <inheritdoc/>
    public override ComparisonReport Compare(
        IReadOnlyList<FaultExample> rows, IReadOnlyList<IReadOnlyList<LinePrediction>> first, IReadOnlyList<IReadOnlyList<LinePrediction>> second,
        EvaluationOptions firstOptions, EvaluationOptions secondOptions) => Comparison.Compare(rows, first, second, firstOptions, secondOptions);

    /// <inheritdoc/>
    public override IEnumerable<(string Name, IReadOnlyList<LinePrediction> Predictions)> Baselines(IReadOnlyList<FaultExample> rows) =>
        Evaluation.Baselines.OfLines.Select(baseline => (baseline.Name, (IReadOnlyList<LinePrediction>)[.. rows.Select(baseline.Predict)]));

    /// <summary>The functions that the last model finds best, worst and in between, so that the report shows failures too.</summary>
    /// <inheritdoc/>
    public override IReadOnlyList<HeatFunction> Pictures(IReadOnlyList<FaultExample> rows, IReadOnlyList<(string Name, IReadOnlyList<LinePrediction> Predictions)> models)
    {
        const int Shown = 9;
        if (models.Count == 0)
        {
            return [];
        }

        int[] order = [.. Enumerable.Range(0, rows.Count).Where(i => rows[i].FaultyLines.Count > 0 && rows[i].Code.Length < 4000)
            .OrderBy(i => LineRanking.Of(models[^1].Predictions[i].LineScores, rows[i].FaultyLines).FirstRank).ThenBy(i => rows[i].Id, StringComparer.Ordinal)];
        return [.. Enumerable.Range(0, Math.Min(Shown, order.Length)).Select(n => order[n * (order.Length - 1) / Math.Max(1, Math.Min(Shown, order.Length) - 1)]).Distinct()
            .Select(i => HeatFunction.Of(rows[i].Id, rows[i], [.. models.Select(model => (model.Name, model.Predictions[i]))]))];
    }

    /// <inheritdoc/>
    public override Task WriteAsync(string path, IReadOnlyList<LinePrediction> predictions, CancellationToken cancellationToken) => Predictions.WriteAsync(path, predictions, cancellationToken);

    /// <inheritdoc/>
    public override async Task<IReadOnlyList<LinePrediction>> ReadPredictionsAsync(string path, IReadOnlyList<FaultExample> rows, CancellationToken cancellationToken) =>
        Predictions.Align(rows, await Predictions.ReadLinesAsync(path, cancellationToken).ConfigureAwait(false), path);
}
