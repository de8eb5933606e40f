using System.Globalization;
using System.Text;

namespace Apprentice.Evaluation;

/// <summary>Writes a report as Markdown for <c>docs/results</c>.</summary>
/// <remarks>The code of test functions is left out: results pages are public, the functions may not be.</remarks>
public static class MarkdownReport
{
    /// <summary>The document as Markdown, ending in a line feed.</summary>
    /// <param name="document">The report.</param>
    public static string Render(ReportDocument document)
    {
        StringBuilder text = new();
        text.Append("# ").Append(Escape(document.Title)).Append('\n');
        foreach (string paragraph in document.Summary)
        {
            text.Append('\n').Append(Escape(paragraph)).Append('\n');
        }

        if (document.Headlines.Count > 0)
        {
            text.Append("\n## Before and after\n\n").Append(Table(Headline(document.Headlines)));
        }

        Section(text, "Is it chance?", document.Comparisons);
        if (document.Yield.Count > 0)
        {
            text.Append("\n## Yield\n\n").Append(Table(YieldTable(document.Yield)));
        }

        Section(text, "Tables", document.Tables);
        if (document.Losses.Count > 0)
        {
            text.Append("\n## Training\n\n").Append(Table(LossTable(document.Losses)));
        }

        if (document.Settings.Count > 0)
        {
            text.Append("\n## Settings\n\n");
            foreach (ReportSetting setting in document.Settings)
            {
                text.Append("- ").Append(Escape(setting.Name)).Append(": ").Append(Escape(setting.Value)).Append('\n');
            }
        }

        return text.ToString();
    }

    /// <summary>Writes the file, replacing it.</summary>
    /// <param name="path">Target file.</param>
    /// <param name="document">The report.</param>
    public static void Write(string path, ReportDocument document) => ReportFile.Write(path, Render(document));

    /// <summary>One table as Markdown, without its title.</summary>
    /// <param name="table">The table.</param>
    public static string Table(ReportTable table)
    {
        StringBuilder text = new();
        text.Append("| ").AppendJoin(" | ", table.Columns.Select(column => Escape(column.Name))).Append(" |\n");
        text.Append("| ").AppendJoin(" | ", table.Columns.Select(column => column.Numeric ? "---:" : "---")).Append(" |\n");
        foreach (IReadOnlyList<ReportCell> row in table.Rows)
        {
            text.Append("| ").AppendJoin(" | ", row.Select(Cell)).Append(" |\n");
        }

        if (table.Note is not null)
        {
            text.Append('\n').Append(table.Note).Append('\n');
        }

        return text.ToString();
    }

    /// <summary>All headline charts as one table: an arm a row, a metric a column.</summary>
    internal static ReportTable Headline(IReadOnlyList<HeadlineChart> charts)
    {
        string[] arms = [.. charts.SelectMany(chart => chart.Arms.Select(arm => arm.Name)).Distinct()];
        return new ReportTable(
            "Before and after",
            [new ReportColumn("Arm", Numeric: false), .. charts.Select(chart => new ReportColumn(chart.Metric, Note: chart.Meaning))],
            [.. arms.Select(name => (IReadOnlyList<ReportCell>)
                [new ReportCell(name), .. charts.Select(chart => chart.Arms.FirstOrDefault(arm => arm.Name == name)?.Value ?? new ReportCell("–"))])]);
    }

    internal static ReportTable YieldTable(IReadOnlyList<YieldStep> steps) => new(
        "Yield",
        [new ReportColumn("Step", Numeric: false), new ReportColumn("Left"), new ReportColumn("Of the first"), new ReportColumn("Dropped because", Numeric: false)],
        [.. steps.Select(step => (IReadOnlyList<ReportCell>)
            [new ReportCell(step.Name), ReportCell.Count(step.Count), new ReportCell(Percent(step.Count, steps[0].Count)), new ReportCell(step.Note ?? "")])]);

    internal static string Percent(long part, long whole) =>
        whole == 0 ? "–" : (100.0 * part / whole).ToString("0.0", CultureInfo.InvariantCulture) + " %";

    private static ReportTable LossTable(IReadOnlyList<LossCurve> curves) => new(
        "Training",
        [new ReportColumn("Arm", Numeric: false), new ReportColumn("Run", Numeric: false), new ReportColumn("Steps"), new ReportColumn("First loss"), new ReportColumn("Last loss")],
        [.. curves.Where(curve => curve.Points.Count > 0).Select(curve => (IReadOnlyList<ReportCell>)
            [new ReportCell(curve.Arm), new ReportCell(curve.Run), ReportCell.Count(curve.Points[^1].Step), Loss(curve.Points[0]), Loss(curve.Points[^1])])]);

    private static ReportCell Loss(LossPoint point) => new(point.Loss.ToString("0.000", CultureInfo.InvariantCulture), point.Loss);

    private static void Section(StringBuilder text, string heading, IReadOnlyList<ReportTable> tables)
    {
        if (tables.Count == 0)
        {
            return;
        }

        text.Append("\n## ").Append(heading).Append('\n');
        foreach (ReportTable table in tables)
        {
            text.Append("\n### ").Append(Escape(table.Title)).Append("\n\n").Append(Table(table));
        }
    }

    private static string Cell(ReportCell cell)
    {
        string text = Escape(cell.Text);
        text = cell.Strong && text.Length > 0 ? $"**{text}**" : text;
        return cell.Interval is null ? text : $"{text} {Escape(cell.Interval)}";
    }

    private static string Escape(string text) => text.Replace("\\", "\\\\").Replace("|", "\\|").Replace("<", "&lt;").ReplaceLineEndings(" ");
}
