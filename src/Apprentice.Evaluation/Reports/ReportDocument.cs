using Apprentice.Data;

namespace Apprentice.Evaluation;

/// <summary>Everything a report shows, in the order of the pages: what <see cref="HtmlReport"/>, <see cref="MarkdownReport"/> and <see cref="JsonReport"/> write.</summary>
public sealed record ReportDocument
{
    /// <summary>Version of the JSON form. Readers refuse others.</summary>
    public int FormatVersion { get; init; } = 1;

    /// <summary>Title of the page.</summary>
    public required string Title { get; init; }

    /// <summary>Paragraphs that say what was done and what came out.</summary>
    public IReadOnlyList<string> Summary { get; init; } = [];

    /// <summary>Charts at the top: one for each headline metric.</summary>
    public IReadOnlyList<HeadlineChart> Headlines { get; init; } = [];

    /// <summary>P-values and differences.</summary>
    public IReadOnlyList<ReportTable> Comparisons { get; init; } = [];

    /// <summary>What became of the generated candidates, from asked to selected.</summary>
    public IReadOnlyList<YieldStep> Yield { get; init; } = [];

    /// <summary>Losses of every training run.</summary>
    public IReadOnlyList<LossCurve> Losses { get; init; } = [];

    /// <summary>Test functions with the suspicion of each line.</summary>
    public IReadOnlyList<HeatFunction> Functions { get; init; } = [];

    /// <summary>All other tables.</summary>
    public IReadOnlyList<ReportTable> Tables { get; init; } = [];

    /// <summary>Settings and provenance as used: versions, hashes, seeds, times, machine.</summary>
    public IReadOnlyList<ReportSetting> Settings { get; init; } = [];
}

/// <summary>One line of settings.</summary>
/// <param name="Name">What is set.</param>
/// <param name="Value">Its value.</param>
public sealed record ReportSetting(string Name, string Value);

/// <summary>One metric of several arms as dots with intervals.</summary>
/// <param name="Metric">Name of the metric.</param>
/// <param name="Meaning">One sentence for people.</param>
/// <param name="HigherIsBetter">Which direction is better.</param>
/// <param name="Arms">One dot for each arm, from top to bottom.</param>
public sealed record HeadlineChart(string Metric, string Meaning, bool HigherIsBetter, IReadOnlyList<HeadlineArm> Arms)
{
    /// <summary>The chart of a metric over the arms of an experiment.</summary>
    /// <param name="metric">What to show.</param>
    /// <param name="arms">Name, role and report of each arm.</param>
    public static HeadlineChart Of(Metric metric, IReadOnlyList<(string Arm, ArmRole Role, EvaluationReport Report)> arms) => new(
        metric.Name,
        metric.Meaning,
        metric.HigherIsBetter,
        [.. arms.Select(arm => new HeadlineArm(arm.Arm, arm.Role, ReportCell.Of(metric, arm.Report.Overall[metric])))]);
}

/// <summary>What an arm stands for; decides its mark in charts.</summary>
public enum ArmRole
{
    /// <summary>A scorer without a model: a small square.</summary>
    Baseline,

    /// <summary>Trained on real examples only: an open circle.</summary>
    Before,

    /// <summary>Trained with generated examples too: a filled circle.</summary>
    After,

    /// <summary>A control that must not gain: an open diamond.</summary>
    Control,
}

/// <summary>One arm in a chart.</summary>
/// <param name="Name">Name of the arm.</param>
/// <param name="Role">What it stands for.</param>
/// <param name="Value">Its value with interval.</param>
public sealed record HeadlineArm(string Name, ArmRole Role, ReportCell Value);

/// <summary>One step of the yield funnel.</summary>
/// <param name="Name">For example <c>compiled</c>.</param>
/// <param name="Count">Candidates left after the step.</param>
/// <param name="Note">Why candidates were dropped here, or null.</param>
public sealed record YieldStep(string Name, long Count, string? Note = null);

/// <summary>Losses of one training run.</summary>
/// <param name="Arm">Name of the arm.</param>
/// <param name="Run">Which run of the arm, for example <c>seed 1</c>.</param>
/// <param name="Points">Losses by step, ascending.</param>
public sealed record LossCurve(string Arm, string Run, IReadOnlyList<LossPoint> Points);

/// <summary>Loss after a training step.</summary>
/// <param name="Step">Optimiser step, from 1.</param>
/// <param name="Loss">Loss of the step, or its mean since the point before.</param>
public sealed record LossPoint(int Step, double Loss);

/// <summary>A function with the suspicion of each line by one or more models.</summary>
/// <param name="Title">Id or name, and what to look at.</param>
/// <param name="Language">Name of the language.</param>
/// <param name="Lines">The text split at <c>\n</c>.</param>
/// <param name="FaultyLines">1-based numbers of the lines that are faulty in truth.</param>
/// <param name="Models">Suspicion by each model.</param>
public sealed record HeatFunction(string Title, string Language, IReadOnlyList<string> Lines, IReadOnlyList<int> FaultyLines, IReadOnlyList<HeatColumn> Models)
{
    /// <summary>A test function with the predictions of several models.</summary>
    /// <param name="title">Id or name, and what to look at.</param>
    /// <param name="example">The function.</param>
    /// <param name="models">Name and prediction of each model.</param>
    public static HeatFunction Of(string title, FaultExample example, IReadOnlyList<(string Name, LinePrediction Prediction)> models) => new(
        title,
        example.Language,
        example.Code.Split('\n'),
        example.FaultyLines,
        [.. models.Select(model => HeatColumn.Of(model.Name, model.Prediction.LineScores))]);
}

/// <summary>The suspicion of each line by one model.</summary>
/// <param name="Model">Name of the model.</param>
/// <param name="Heat">0 for the least suspicious finite score to 1 for the most, for colour only.</param>
/// <param name="Ranks">Rank of each line, 1 the most suspicious; tied lines share the best.</param>
public sealed record HeatColumn(string Model, IReadOnlyList<double> Heat, IReadOnlyList<int> Ranks)
{
    /// <summary>Heat and ranks of some scores.</summary>
    /// <param name="model">Name of the model.</param>
    /// <param name="scores">One score for each line; infinite ones allowed.</param>
    public static HeatColumn Of(string model, IReadOnlyList<double> scores)
    {
        // Scores of -1e30 stand for negative infinity in files.
        double[] finite = [.. scores.Where(score => Math.Abs(score) < 1e29)];
        double low = finite.DefaultIfEmpty(0).Min(), high = finite.DefaultIfEmpty(0).Max();
        return new HeatColumn(
            model,
            [.. scores.Select(score => score >= high ? 1 : score <= low || high == low ? 0 : (score - low) / (high - low))],
            [.. scores.Select(score => 1 + scores.Count(other => other > score))]);
    }
}
