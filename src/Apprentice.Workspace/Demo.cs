using Apprentice.Compute;
using Apprentice.Evaluation;

namespace Apprentice.Workspace;

/// <summary>How the demo runs.</summary>
public sealed record DemoOptions
{
    /// <summary>Folder for the runs and the report. Default runs/demo.</summary>
    public string OutputFolder { get; init; } = Path.Combine("runs", "demo");

    /// <summary>Folder of the demo's recipes. Default: samples/demo beside the program.</summary>
    public string SamplesFolder { get; init; } = Path.Combine(AppContext.BaseDirectory, "samples", "demo");

    /// <summary>Threads. Default: all processors.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;
}

/// <summary>What the demo came to.</summary>
/// <param name="Report">Both experiments in one report.</param>
/// <param name="ReportPath">The page.</param>
/// <param name="Faults">The experiment on fault localization.</param>
/// <param name="Clones">The experiment on clone detection.</param>
public sealed record DemoResult(ReportDocument Report, string ReportPath, ExperimentResult Faults, ExperimentResult Clones);

/// <summary>The whole idea on built-in data: generate (from a recording), check, select, train before and after, compare.</summary>
public static class Demo
{
    /// <summary>Runs both of the demo's recipes; what an earlier run finished is not done again.</summary>
    /// <param name="options">Where to and with how many threads.</param>
    /// <param name="events">Told about progress.</param>
    /// <param name="cancellationToken">Stops; the same call continues.</param>
    public static async Task<DemoResult> RunAsync(DemoOptions options, IProgress<JobEvent> events, CancellationToken cancellationToken = default)
    {
        using Workers workers = new(options.Threads);
        ExperimentResult faults = await OneAsync("faults.yaml", "Fault localization", options, workers, events, cancellationToken).ConfigureAwait(false);
        ExperimentResult clones = await OneAsync("clones.yaml", "Clone detection", options, workers, events, cancellationToken).ConfigureAwait(false);
        ReportDocument report = new()
        {
            Title = "Apprentice: the demo",
            Summary =
            [
                "Small sets written for this project, not bugs from real projects; docs/results has the same comparison on real ones.",
                .. faults.Report.Summary, .. clones.Report.Summary,
            ],
            Headlines = [.. faults.Report.Headlines, .. clones.Report.Headlines],
            Comparisons = [.. faults.Report.Comparisons, .. clones.Report.Comparisons],
            Yield = [.. faults.Report.Yield.Select(step => step with { Name = $"faults: {step.Name}" }), .. clones.Report.Yield.Select(step => step with { Name = $"clones: {step.Name}" })],
            Losses = [.. faults.Report.Losses.Select(curve => curve with { Arm = $"faults: {curve.Arm}" }), .. clones.Report.Losses.Select(curve => curve with { Arm = $"clones: {curve.Arm}" })],
            Functions = faults.Report.Functions,
            Tables = [.. faults.Report.Tables, .. clones.Report.Tables],
            Settings = [.. faults.Report.Settings, .. clones.Report.Settings],
        };
        string page = Path.Combine(options.OutputFolder, "report.html");
        HtmlReport.Write(page, report);
        JsonReport.Write(Path.Combine(options.OutputFolder, "report.json"), report);
        MarkdownReport.Write(Path.Combine(options.OutputFolder, "report.md"), report);
        return new DemoResult(report, page, faults, clones);
    }

    private static async Task<ExperimentResult> OneAsync(string recipeName, string title, DemoOptions options, Workers workers, IProgress<JobEvent> events, CancellationToken cancellationToken)
    {
        events.Report(new JobStarted(title));
        Recipe recipe = RecipeFile.Load(Path.Combine(options.SamplesFolder, recipeName));
        RunFolder folder = new RunFolder(Path.Combine(options.OutputFolder, recipe.Name["demo-".Length..])).Create();
        events.Report(new JobNote("The demo runs the tests of its own recorded answers, which are pinned by hash; your recipes run tests only with --run-tests."));
        await Steps.GenerateAsync(recipe, folder, new GenerateRunOptions { RunTests = true, AllowWithoutIsolation = recipe.Generate?.Provider.AnswersHash is not null }, workers, events, cancellationToken).ConfigureAwait(false);
        return await Steps.EvaluateAsync(recipe, folder, workers, events, cancellationToken).ConfigureAwait(false);
    }
}
