using System.Text;
using Apprentice.Evaluation;

namespace Apprentice.Cli.Terminal;

/// <summary>Draws report tables as plain text: columns aligned, intervals on a line of their own, readable in any terminal and in a file.</summary>
internal static class TableText
{
    /// <summary>The table as lines, ending in a line feed.</summary>
    /// <param name="table">The table.</param>
    public static string Draw(ReportTable table)
    {
        List<string[]> lines = [[.. table.Columns.Select(column => column.Name)]];
        foreach (IReadOnlyList<ReportCell> row in table.Rows)
        {
            lines.Add([.. row.Select(cell => cell.Text)]);
            if (row.Any(cell => cell.Interval is not null))
            {
                lines.Add([.. row.Select(cell => cell.Interval ?? "")]);
            }
        }

        int[] widths = [.. Enumerable.Range(0, table.Columns.Count).Select(column => lines.Max(line => line[column].Length))];
        StringBuilder text = new();
        text.Append(table.Title).Append('\n');
        for (int i = 0; i < lines.Count; i++)
        {
            string line = string.Join("  ", lines[i].Select((cell, column) => table.Columns[column].Numeric ? cell.PadLeft(widths[column]) : cell.PadRight(widths[column])));
            text.Append("  ").Append(line.TrimEnd()).Append('\n');
            if (i == 0)
            {
                text.Append("  ").Append('─', widths.Sum() + (2 * (widths.Length - 1))).Append('\n');
            }
        }

        return table.Note is null ? text.ToString() : text.Append("  ").Append(table.Note).Append('\n').ToString();
    }
}
