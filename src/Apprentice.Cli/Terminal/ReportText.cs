using System.Globalization;
using Apprentice.Evaluation;

namespace Apprentice.Cli.Terminal;

/// <summary>The part of a report that fits a terminal: yield, tables, and what came out in a sentence each. The page has the rest.</summary>
internal static class ReportText
{
    private const int CellWidth = 70;

    /// <summary>The report as lines.</summary>
    /// <param name="report">The report.</param>
    public static string Draw(ReportDocument report)
    {
        List<string> parts = [report.Title + "\n"];
        if (report.Yield.Count > 0)
        {
            parts.Add("Yield\n" + string.Concat(report.Yield.Select(step => $"  {step.Count.ToString("n0", CultureInfo.InvariantCulture),7}  {step.Name}{(step.Note is null ? "" : $" ({step.Note})")}\n")));
        }

        parts.AddRange(report.Tables.Select(table => TableText.Draw(table with
        {
            Rows = [.. table.Rows.Select(row => (IReadOnlyList<ReportCell>)[.. row.Select(cell => cell with { Text = Printable.Line(cell.Text.ReplaceLineEndings(" "), CellWidth) })])],
        })));
        parts.AddRange(report.Summary.Select(sentence => Printable.Lines(sentence) + "\n"));
        return string.Join('\n', parts).TrimEnd();
    }
}
