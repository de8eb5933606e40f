using System.Globalization;
using System.Runtime.InteropServices;
using Apprentice.Compute;
using Apprentice.Data;
using Apprentice.Evaluation;
using Apprentice.Training;

namespace Apprentice.Workspace;

/// <summary>What an experiment came to: the report, and the numbers that a command decides by.</summary>
/// <param name="Report">Everything for people and programs to read.</param>
/// <param name="Differences">For each test set and compared pair of arms: names and the paired comparison.</param>
/// <param name="BestModel">Folder of the model of the last arm named first in <c>compare</c>, first seed; null without arms.</param>
public sealed record ExperimentResult(ReportDocument Report, IReadOnlyList<(string Test, string Later, string Earlier, ComparisonReport Comparison)> Differences, string? BestModel);

/// <summary>Predicts the test sets with every trained arm, compares the arms, and writes the report.</summary>
public static class EvaluateStep
{
    /// <summary>Runs the step; arms that are not trained yet are trained first.</summary>
    /// <typeparam name="TRow">A labelled row.</typeparam>
    /// <typeparam name="TPrediction">A prediction for a row.</typeparam>
    /// <param name="recipe">The experiment.</param>
    /// <param name="task">Its task.</param>
    /// <param name="folder">Its files.</param>
    /// <param name="workers">Threads.</param>
    /// <param name="events">Told about progress.</param>
    /// <param name="cancellationToken">Stops.</param>
    public static async Task<ExperimentResult> RunAsync<TRow, TPrediction>(
        Recipe recipe, ExperimentTask<TRow, TPrediction> task, RunFolder folder, Workers workers, IProgress<JobEvent> events, CancellationToken cancellationToken)
        where TRow : class
    {
        long started = TimeProvider.System.GetTimestamp();
        ExperimentRunner<TRow, TPrediction> runner = new(recipe, task, folder.Create(), workers, events);
        List<ExperimentRunner<TRow, TPrediction>.Cell> cells = await runner.TrainAsync(cancellationToken).ConfigureAwait(false);
        List<HeadlineChart> charts = [];
        List<ReportTable> comparisons = [];
        List<ReportTable> tables = [];
        List<HeatFunction> pictures = [];
        List<string> summary = [.. recipe.Description.Length > 0 ? new[] { recipe.Description } : []];
        List<(string, string, string, ComparisonReport)> differences = [];
        Dictionary<string, double> thresholds = await ThresholdsAsync(task, runner, cells, events, cancellationToken).ConfigureAwait(false);
        foreach ((string test, string file) in recipe.Test)
        {
            List<TRow> rows = await task.ReadAsync(file, cancellationToken).ConfigureAwait(false);
            Dictionary<string, (List<IReadOnlyList<TPrediction>> Runs, EvaluationOptions Options)> arms = [];
            int done = 0;
            foreach (ExperimentRunner<TRow, TPrediction>.Cell cell in cells)
            {
                events.Report(new JobProgress($"predict {test}", ++done, cells.Count, $"{cell.Arm}, seed {cell.Seed}"));
                if (!arms.TryGetValue(cell.Arm, out var arm))
                {
                    arm = ([], new EvaluationOptions { Threshold = thresholds[cell.Arm], ThresholdSource = recipe.Valid.Count > 0 ? "best F1 on the validation split, mean over seeds" : "default" });
                    arms.Add(cell.Arm, arm);
                }

                arm.Runs.Add(await runner.PredictAsync(cell, test, rows, cancellationToken).ConfigureAwait(false));
            }

            List<(string Arm, ArmRole Role, EvaluationReport Report)> reports = [];
            foreach ((string name, IReadOnlyList<TPrediction> predictions) in task.Baselines(rows))
            {
                reports.Add((name, ArmRole.Baseline, task.Report(rows, [predictions], new EvaluationOptions())));
            }

            foreach (ArmRecipe arm in recipe.Arms)
            {
                ArmRole role = arm.Stages.Any(stage => stage.ShuffleLabels.Count > 0) ? ArmRole.Control
                    : recipe.Compare.Any(pair => pair[0] == arm.Name) ? ArmRole.After : ArmRole.Before;
                reports.Add((arm.Name, role, task.Report(rows, arms[arm.Name].Runs, arms[arm.Name].Options)));
            }

            tables.Add(ReportTables.ByArm($"All arms on {test}", [.. reports.Select(report => (report.Arm, report.Report))]));
            charts.AddRange(task.Headlines.Select(metric => HeadlineChart.Of(metric, [.. reports])));
            foreach (List<string> pair in recipe.Compare)
            {
                (string later, string earlier) = (pair[0], pair[1]);
                ComparisonReport comparison = task.Compare(rows, arms[earlier].Runs, arms[later].Runs, arms[earlier].Options, arms[later].Options);
                differences.Add((test, later, earlier, comparison));
                comparisons.Add(ReportTables.Differences($"{test}: '{later}' against '{earlier}'", earlier, later, comparison));
                MetricDifference headline = comparison[task.Headlines[0]];
                summary.Add(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{test}, {headline.Metric.Name}: '{later}' {ReportTable(headline.Metric, headline.Second.Value)} against '{earlier}' {ReportTable(headline.Metric, headline.First.Value)}, p = {headline.P:0.0000}."));
            }

            foreach ((string arm, ArmRole role, EvaluationReport report) in reports.Where(report => report.Role == ArmRole.After))
            {
                foreach (string dimension in (ReadOnlySpan<string>)["language", "source"])
                {
                    if (report.By(dimension).Count() > 1)
                    {
                        tables.Add(ReportTables.ByGroup($"'{arm}' on {test} by {dimension}", report, dimension));
                    }
                }
            }

            string[] shown = recipe.Compare.Count > 0 ? [recipe.Compare[0][1], recipe.Compare[0][0]] : [.. recipe.Arms.Take(2).Select(arm => arm.Name)];
            pictures.AddRange(task.Pictures(rows, [.. shown.Select(name => (name, arms[name].Runs[0]))]));
        }

        GenerateResult? generated = recipe.Generate is null ? null : GenerateStep.LastResult(folder);
        ReportDocument report0 = new()
        {
            Title = $"Apprentice: {recipe.Name}",
            Summary = summary,
            Headlines = charts,
            Comparisons = comparisons,
            Yield = generated is null ? [] : Yield(generated),
            Losses = [.. cells.Select(cell => new LossCurve(cell.Arm, $"seed {cell.Seed}", Thin(cell.Losses)))],
            Functions = pictures,
            Tables = [.. generated is null ? Array.Empty<ReportTable>() : [Drops(generated)], .. tables, Budget(recipe, cells)],
            Settings = await SettingsAsync(recipe, workers, started, cancellationToken).ConfigureAwait(false),
        };
        HtmlReport.Write(folder.ReportHtml, report0);
        JsonReport.Write(folder.ReportJson, report0);
        MarkdownReport.Write(folder.ReportMarkdown, report0);
        if (recipe.Arms.Count == 0)
        {
            return new ExperimentResult(report0, differences, null);
        }

        string best = recipe.Compare.Count > 0 ? recipe.Compare[0][0] : recipe.Arms[^1].Name;
        using TaskModel model = TaskModel.Load(Path.Combine(cells.First(cell => cell.Arm == best).Folder, "model"));
        model.Settings = model.Settings with { Threshold = thresholds[best] };
        model.Save(folder.Model);
        return new ExperimentResult(report0, differences, folder.Model);
    }

    /// <summary>For each arm the threshold with the best F1 on the validation split, the mean over its seeds; 0.5 without such a split.</summary>
    private static async Task<Dictionary<string, double>> ThresholdsAsync<TRow, TPrediction>(
        ExperimentTask<TRow, TPrediction> task, ExperimentRunner<TRow, TPrediction> runner, List<ExperimentRunner<TRow, TPrediction>.Cell> cells, IProgress<JobEvent> events,
        CancellationToken cancellationToken)
        where TRow : class
    {
        List<TRow> valid = await runner.ReadValidAsync(cancellationToken).ConfigureAwait(false);
        Dictionary<string, List<double>> thresholds = [];
        int done = 0;
        foreach (ExperimentRunner<TRow, TPrediction>.Cell cell in cells)
        {
            events.Report(new JobProgress("choose thresholds on the validation split", ++done, cells.Count, $"{cell.Arm}, seed {cell.Seed}"));
            double threshold = valid.Count == 0 ? new EvaluationOptions().Threshold
                : task.Threshold(valid, await runner.PredictAsync(cell, "valid", valid, cancellationToken).ConfigureAwait(false));
            (thresholds.TryGetValue(cell.Arm, out List<double>? list) ? list : thresholds[cell.Arm] = []).Add(threshold);
        }

        return thresholds.ToDictionary(item => item.Key, item => item.Value.Average());
    }

    private static string ReportTable(Metric metric, double value) => Evaluation.ReportCell.Format(metric, value);

    private static IReadOnlyList<YieldStep> Yield(GenerateResult generated)
    {
        Funnel funnel = generated.Funnel;
        return
        [
            new YieldStep("asked", funnel.Asked), new YieldStep("parsed", funnel.Parsed), new YieldStep("compiled", funnel.Compiled),
            new YieldStep("validated", funnel.Validated), new YieldStep("unique", funnel.Unique), new YieldStep("selected", funnel.Selected),
        ];
    }

    private static ReportTable Drops(GenerateResult generated) => new(
        "Why candidates were dropped",
        [new ReportColumn("Stage", Numeric: false), new ReportColumn("Check", Numeric: false), new ReportColumn("Dropped"), new ReportColumn("For example", Numeric: false)],
        [.. generated.Drops.Select(drop => (IReadOnlyList<ReportCell>)[new ReportCell(drop.Stage.ToString()), new ReportCell(drop.Check), ReportCell.Count(drop.Count), new ReportCell(drop.Example)])]);

    private static ReportTable Budget<TRow, TPrediction>(Recipe recipe, List<ExperimentRunner<TRow, TPrediction>.Cell> cells)
        where TRow : class => new(
        "Budget of each arm",
        [new ReportColumn("Arm", Numeric: false), new ReportColumn("What", Numeric: false), new ReportColumn("Training rows"), new ReportColumn("Optimiser steps"), new ReportColumn("Seeds")],
        [.. recipe.Arms.Select(arm => (IReadOnlyList<ReportCell>)
        [
            new ReportCell(arm.Name), new ReportCell(arm.Description), ReportCell.Count(cells.First(cell => cell.Arm == arm.Name).Rows),
            ReportCell.Count(cells.First(cell => cell.Arm == arm.Name).Steps), ReportCell.Count(cells.Count(cell => cell.Arm == arm.Name)),
        ])]);

    private static async Task<IReadOnlyList<ReportSetting>> SettingsAsync(Recipe recipe, Workers workers, long started, CancellationToken cancellationToken)
    {
        List<ReportSetting> settings =
        [
            new("recipe", recipe.Name), new("task", recipe.Task), new("base model", recipe.Base), new("seeds", string.Join(", ", recipe.Seeds)),
            new("date", TimeProvider.System.GetUtcNow().ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture)),
            new("machine", $"{workers.ThreadCount} threads, {RuntimeInformation.ProcessArchitecture}, {RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}"),
            new("time of this run", $"{TimeProvider.System.GetElapsedTime(started).TotalSeconds:f0} s (trained cells that were found are not counted)"),
        ];
        foreach (string file in recipe.Data.Values.SelectMany(parts => parts).Select(part => part.File).Concat(recipe.Valid).Concat(recipe.Test.Values).Distinct())
        {
            settings.Add(new ReportSetting(Path.GetFileName(file), $"SHA-256 {await DatasetHash.OfFileAsync(file, cancellationToken).ConfigureAwait(false)}"));
        }

        return settings;
    }

    /// <summary>At most 200 points a curve: more cannot be seen.</summary>
    private static IReadOnlyList<LossPoint> Thin(IReadOnlyList<double> losses)
    {
        int stride = Math.Max(1, losses.Count / 200);
        return [.. losses.Select((loss, i) => (loss, i)).Where(item => item.i % stride == 0 || item.i == losses.Count - 1).Select(item => new LossPoint(item.i + 1, item.loss))];
    }
}
