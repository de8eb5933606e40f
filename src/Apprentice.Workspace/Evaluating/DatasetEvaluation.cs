using System.Text.Json;
using Apprentice.Compute;
using Apprentice.Data;
using Apprentice.Evaluation;
using Apprentice.Training;

namespace Apprentice.Workspace;

/// <summary>What an evaluation on a file looks at.</summary>
public sealed record DatasetEvaluationOptions
{
    /// <summary>The tasks that files are scored for.</summary>
    public static IReadOnlyList<string> Tasks { get; } = ["fault-localization", "vulnerability-localization", "clone-detection"];

    /// <summary>One of <see cref="Tasks"/>.</summary>
    public required string Task { get; init; }

    /// <summary>File in the schema of docs/formats.md.</summary>
    public required string Data { get; init; }

    /// <summary><c>builtin</c> or a model folder; null for none.</summary>
    public string? Model { get; init; }

    /// <summary>Names of baselines, see <see cref="BaselineNames"/>.</summary>
    public IReadOnlyList<string> Baselines { get; init; } = [];

    /// <summary>Existing predictions to score instead of a model's; null for none.</summary>
    public string? PredictionsIn { get; init; }

    /// <summary>Where the predictions are written, one a row; null for nowhere.</summary>
    public string? PredictionsOut { get; init; }

    /// <summary>What counts as positive; null for the model's threshold, or 0.5 for predictions from a file.</summary>
    public double? Threshold { get; init; }

    /// <summary>Names of the baselines of a task.</summary>
    /// <param name="task">One of <see cref="Tasks"/>.</param>
    public static IReadOnlyList<string> BaselineNames(string task) =>
        task == "clone-detection" ? ["token-overlap"] : [.. Evaluation.Baselines.OfLines.Select(baseline => baseline.Name.Replace(' ', '-'))];

    /// <summary>Every problem with these settings, or none.</summary>
    public IEnumerable<string> Problems()
    {
        if (!Tasks.Contains(Task))
        {
            yield return $"--task is '{Task}'; one of {string.Join(", ", Tasks)} is expected.";
        }

        if (Model is not null && PredictionsIn is not null)
        {
            yield return "--model and --predictions-in exclude each other: predictions are either made or read.";
        }

        if (Model is null && PredictionsIn is null && Baselines.Count == 0)
        {
            yield return "nothing to score: give --model builtin, --model DIR, --predictions-in FILE or --baseline NAME.";
        }

        if (PredictionsOut is not null && Model is null && Baselines.Count != 1)
        {
            yield return "--predictions writes the predictions of a model or of a single --baseline; neither is given.";
        }

        foreach (string name in Baselines.Where(name => !BaselineNames(Task).Contains(name)))
        {
            yield return $"--baseline is '{name}'; for {Task} one of {string.Join(", ", BaselineNames(Task))} is expected.";
        }
    }
}

/// <summary>One scorer's result on a file.</summary>
/// <param name="Name">Model, prediction file or baseline.</param>
/// <param name="Report">Metrics with intervals, overall and by group.</param>
/// <param name="IsBaseline">True for a baseline, whose counts mean nothing to a threshold.</param>
public sealed record ScoredArm(string Name, EvaluationReport Report, bool IsBaseline);

/// <summary>What an evaluation on a file gives.</summary>
/// <param name="Options">Settings as used.</param>
/// <param name="Arms">The model or prediction file, then baselines.</param>
/// <param name="Comparisons">The model against each baseline: name and paired differences.</param>
public sealed record DatasetEvaluationResult(DatasetEvaluationOptions Options, IReadOnlyList<ScoredArm> Arms, IReadOnlyList<(string Baseline, ComparisonReport Report)> Comparisons)
{
    /// <summary>The result as tables: overall, by language, by source, and against baselines.</summary>
    public IReadOnlyList<ReportTable> Tables()
    {
        // A baseline's scores are counts: what a threshold says of them means nothing.
        bool thresholds = Arms.Any(arm => !arm.IsBaseline);
        Metric[] all = Options.Task == "clone-detection"
            ? [Metric.AveragePrecision, Metric.RocAuc, Metric.Precision, Metric.Recall, Metric.F1]
            : [Metric.Top1, Metric.Top3, Metric.Top5, Metric.Mfr, Metric.Mar, Metric.Precision, Metric.Recall, Metric.F1, Metric.FunctionAuc];
        Metric[] metrics = [.. all.Where(metric => Arms[0].Report.Overall.Has(metric) && (thresholds || !NeedsThreshold(metric)))];
        EvaluationReport first = Arms[0].Report;
        List<ReportTable> tables =
        [
            new ReportTable(
                $"{Options.Task} on {Path.GetFileName(Options.Data)}",
                [new ReportColumn("", Numeric: false), .. metrics.Select(metric => new ReportColumn(metric.Name, Note: metric.Meaning))],
                [.. Arms.Select(arm => (IReadOnlyList<ReportCell>)[new ReportCell(arm.Name), .. metrics.Select(metric => Cell(arm, arm.Report.Overall, metric))])],
                $"{first.Items:n0} rows, {first.Positives:n0} positive; {100 * first.Options.Resampling.Confidence:0.#} % intervals over rows."
                    + (thresholds ? $" Threshold {first.Options.Threshold:0.####} ({first.Options.ThresholdSource})." : "")),
        ];
        foreach (string dimension in new[] { "reach", "language", "source" })
        {
            GroupMetrics[] groups = [.. first.By(dimension)];
            if (groups.Length > 1)
            {
                tables.Add(new ReportTable(
                    $"{Arms[0].Name} by {dimension}",
                    [new ReportColumn(dimension, Numeric: false), new ReportColumn("rows"), .. metrics.Select(metric => new ReportColumn(metric.Name))],
                    [.. groups.Select(group => (IReadOnlyList<ReportCell>)
                        [new ReportCell(group.Name), ReportCell.Count(group.Items), .. metrics.Select(metric => Cell(Arms[0], group.Metrics, metric))])]));
            }
        }

        tables.AddRange(Comparisons.Select(comparison => ReportTables.Differences($"{comparison.Baseline} → {Arms[0].Name}", comparison.Baseline, Arms[0].Name, comparison.Report with
        {
            Differences = [.. comparison.Report.Differences.Where(difference => !NeedsThreshold(difference.Metric))],
        })));
        return tables;
    }

    /// <summary>The result as one JSON document.</summary>
    public string ToJson() => JsonSerializer.Serialize(
        new EvaluationDocument(
            1, Options.Task, Options.Data, Arms[0].Report.Items, Arms[0].Report.Positives,
            [.. Arms.Select(arm => new ScoredArmDto(
                arm.Name, arm.IsBaseline, arm.IsBaseline ? null : arm.Report.Options.Threshold, Values(arm, arm.Report.Overall),
                [.. arm.Report.Groups.Select(group => new GroupDto(group.Dimension, group.Name, group.Items, Values(arm, group.Metrics)))]))],
            [.. Comparisons.Select(comparison => ComparisonDto.Of(comparison.Baseline, Arms[0].Name, comparison.Report, NeedsThreshold))]),
        EvaluatingJson.Default.EvaluationDocument);

    private static ReportCell Cell(ScoredArm arm, MetricValues values, Metric metric) =>
        !values.Has(metric) || (arm.IsBaseline && NeedsThreshold(metric)) ? new ReportCell("–") : ReportCell.Of(metric, values[metric]);

    private static Dictionary<string, EstimateDto> Values(ScoredArm arm, MetricValues values) => values
        .Where(value => value.Estimate.IsDefined && !(arm.IsBaseline && NeedsThreshold(value.Metric)))
        .ToDictionary(value => value.Metric.Name, value => EstimateDto.Of(value.Estimate));

    private static bool NeedsThreshold(Metric metric) =>
        metric == Metric.Precision || metric == Metric.Recall || metric == Metric.F1 || metric == Metric.Accuracy || metric == Metric.FunctionAuc;
}

/// <summary>Scores a model, predictions or baselines on a file.</summary>
public static class DatasetEvaluation
{
    /// <summary>Reads the file, predicts, scores, and writes predictions where asked to.</summary>
    /// <param name="options">Settings.</param>
    /// <param name="workers">Threads.</param>
    /// <param name="events">Told about progress.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <exception cref="DatasetException">The data cannot be read, or hold rows of another task.</exception>
    /// <exception cref="PredictionException">Predictions do not fit the data.</exception>
    /// <exception cref="RecipeException">There is no such model, or settings that do not hold together.</exception>
    public static Task<DatasetEvaluationResult> RunAsync(
        DatasetEvaluationOptions options, Workers workers, IProgress<JobEvent> events, CancellationToken cancellationToken = default)
    {
        string[] problems = [.. options.Problems()];
        return problems.Length > 0 ? throw new RecipeException(string.Join(Environment.NewLine, problems))
            : options.Task == "clone-detection" ? ClonesAsync(options, workers, events, cancellationToken)
            : FaultsAsync(options, workers, events, cancellationToken);
    }

    private static async Task<DatasetEvaluationResult> FaultsAsync(
        DatasetEvaluationOptions options, Workers workers, IProgress<JobEvent> events, CancellationToken cancellationToken)
    {
        FaultTask task = new();
        List<FaultExample> rows = await task.ReadAsync(options.Data, cancellationToken).ConfigureAwait(false);
        if (rows.Find(row => row.Task != options.Task && row.Task != "clean-function") is { } other)
        {
            throw new DatasetException(options.Data, null, $"row '{other.Id}' has task {other.Task}; --task says {options.Task}.");
        }

        List<ScoredArm> arms = [];
        List<(string Name, IReadOnlyList<LinePrediction> Predictions)> predicted = [];
        (EvaluationOptions main, IReadOnlyList<LinePrediction>? predictions, string name) = await MainAsync(options, task, rows, workers, events, cancellationToken).ConfigureAwait(false);
        if (predictions is not null)
        {
            predicted.Add((name, predictions));
        }

        predicted.AddRange(options.Baselines.Distinct(StringComparer.Ordinal).Select(baseline =>
            (baseline, (IReadOnlyList<LinePrediction>)[.. rows.Select(Baselines.OfLines.First(one => one.Name.Replace(' ', '-') == baseline).Predict)])));
        await WriteAsync(options, task, predicted[0].Predictions, events, cancellationToken).ConfigureAwait(false);
        foreach ((string arm, IReadOnlyList<LinePrediction> own) in predicted)
        {
            events.Report(new JobProgress("score", arms.Count, predicted.Count, arm));
            cancellationToken.ThrowIfCancellationRequested();
            arms.Add(new ScoredArm(arm, FaultEvaluation.Score(rows, own, main) with { Task = options.Task }, IsBaseline: own != predictions));
        }

        return new DatasetEvaluationResult(options, arms, predictions is null ? [] :
            [.. predicted.Skip(1).Select(baseline => (baseline.Name, Comparison.Compare(rows, [baseline.Predictions], [predictions], main)))]);
    }

    private static async Task<DatasetEvaluationResult> ClonesAsync(
        DatasetEvaluationOptions options, Workers workers, IProgress<JobEvent> events, CancellationToken cancellationToken)
    {
        CloneTask task = new();
        List<ClonePair> rows = await task.ReadAsync(options.Data, cancellationToken).ConfigureAwait(false);
        List<ScoredArm> arms = [];
        List<(string Name, IReadOnlyList<PairPrediction> Predictions)> predicted = [];
        (EvaluationOptions main, IReadOnlyList<PairPrediction>? predictions, string name) = await MainAsync(options, task, rows, workers, events, cancellationToken).ConfigureAwait(false);
        if (predictions is not null)
        {
            predicted.Add((name, predictions));
        }

        predicted.AddRange(options.Baselines.Distinct(StringComparer.Ordinal).Select(baseline => (baseline, (IReadOnlyList<PairPrediction>)[.. rows.Select(Baselines.TokenOverlap)])));
        await WriteAsync(options, task, predicted[0].Predictions, events, cancellationToken).ConfigureAwait(false);
        foreach ((string arm, IReadOnlyList<PairPrediction> own) in predicted)
        {
            events.Report(new JobProgress("score", arms.Count, predicted.Count, arm));
            cancellationToken.ThrowIfCancellationRequested();
            arms.Add(new ScoredArm(arm, CloneEvaluation.Score(rows, own, main), IsBaseline: own != predictions));
        }

        return new DatasetEvaluationResult(options, arms, predictions is null ? [] :
            [.. predicted.Skip(1).Select(baseline => (baseline.Name, Comparison.Compare(rows, [baseline.Predictions], [predictions], main)))]);
    }

    /// <summary>The predictions of the model or of the file, in the order of the rows; null when only baselines are scored.</summary>
    private static async Task<(EvaluationOptions Options, IReadOnlyList<TPrediction>? Predictions, string Name)> MainAsync<TRow, TPrediction>(
        DatasetEvaluationOptions options, ExperimentTask<TRow, TPrediction> task, List<TRow> rows, Workers workers, IProgress<JobEvent> events, CancellationToken cancellationToken)
        where TRow : class
    {
        EvaluationOptions defaults = new() { Threshold = options.Threshold ?? 0.5, ThresholdSource = options.Threshold is null ? "default" : "given" };
        if (options.PredictionsIn is { } file)
        {
            return (defaults, await task.ReadPredictionsAsync(file, rows, cancellationToken).ConfigureAwait(false), Path.GetFileName(file));
        }

        if (options.Model is not { } name)
        {
            return (defaults, null, "");
        }

        using TaskModel model = TaskModel.Load(BuiltinModel.Resolve(name));
        List<TPrediction> predictions = new(rows.Count);
        const int Group = 64;
        foreach (TRow[] group in Groups(task, rows, Group))
        {
            cancellationToken.ThrowIfCancellationRequested();
            predictions.AddRange(task.Predict(model, group, workers));
            events.Report(new JobProgress("predict", predictions.Count, rows.Count, "rows"));
        }

        return (options.Threshold is null ? defaults with { Threshold = model.Settings.Threshold, ThresholdSource = "model" } : defaults, predictions, name);
    }

    /// <summary>Fault rows go a few at a time, so that progress is seen. Pairs go as a whole: a function that occurs in many is then encoded once.</summary>
    private static IEnumerable<TRow[]> Groups<TRow, TPrediction>(ExperimentTask<TRow, TPrediction> task, List<TRow> rows, int size) =>
        task is CloneTask ? [rows.ToArray()] : rows.Chunk(size);

    private static async Task WriteAsync<TRow, TPrediction>(
        DatasetEvaluationOptions options, ExperimentTask<TRow, TPrediction> task, IReadOnlyList<TPrediction> predictions, IProgress<JobEvent> events, CancellationToken cancellationToken)
    {
        if (options.PredictionsOut is { } path)
        {
            await task.WriteAsync(path, predictions, cancellationToken).ConfigureAwait(false);
            events.Report(new JobNote($"{predictions.Count:n0} predictions are in {path}"));
        }
    }
}
