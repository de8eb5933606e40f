using System.Globalization;

namespace Apprentice.Evaluation;

/// <summary>A column of a table.</summary>
/// <param name="Name">Heading.</param>
/// <param name="Numeric">True to align to the right.</param>
/// <param name="Note">What the column means, for a tooltip or footnote; null when plain.</param>
public sealed record ReportColumn(string Name, bool Numeric = true, string? Note = null);

/// <summary>One cell: how it reads, and the number behind it.</summary>
/// <param name="Text">The value as people read it.</param>
/// <param name="Value">The number, or null for text and undefined values.</param>
/// <param name="Low">Lower end of the interval, or null.</param>
/// <param name="High">Upper end of the interval, or null.</param>
/// <param name="Interval">The interval as people read it, or null.</param>
/// <param name="Strong">True to stand out, for example a difference whose interval leaves 0 out.</param>
public sealed record ReportCell(string Text, double? Value = null, double? Low = null, double? High = null, string? Interval = null, bool Strong = false)
{
    /// <summary>A metric's value with its interval; a dash when undefined.</summary>
    /// <param name="metric">Decides how the value is written.</param>
    /// <param name="estimate">The value.</param>
    public static ReportCell Of(Metric metric, Estimate estimate)
    {
        if (!estimate.IsDefined)
        {
            return new ReportCell("–");
        }

        bool interval = !double.IsNaN(estimate.Low) && !double.IsNaN(estimate.High);
        return new ReportCell(
            Format(metric, estimate.Value),
            estimate.Value,
            interval ? estimate.Low : null,
            interval ? estimate.High : null,
            interval ? $"[{Bare(metric, estimate.Low)}, {Bare(metric, estimate.High)}]" : null);
    }

    /// <summary>A difference with sign and interval; of shares in percentage points (pp).</summary>
    /// <param name="difference">The difference of two models; stands out when it improves beyond its interval.</param>
    public static ReportCell Of(MetricDifference difference)
    {
        ReportCell cell = Of(difference.Metric, difference.Difference);
        if (cell.Value is not { } value)
        {
            return cell;
        }

        string unit = difference.Metric.Scale == MetricScale.Share ? " pp" : "";
        return cell with { Text = (value > 0 ? "+" : "") + Bare(difference.Metric, value) + unit, Strong = difference.Improves };
    }

    /// <summary>A count.</summary>
    /// <param name="count">Any whole number.</param>
    public static ReportCell Count(long count) => new(count.ToString("N0", CultureInfo.InvariantCulture), count);

    /// <summary>A p-value: three decimals, or 'below 0.001'; a dash when undefined.</summary>
    /// <param name="p">0 to 1 or NaN.</param>
    public static ReportCell P(double p) => double.IsNaN(p)
        ? new ReportCell("–")
        : new ReportCell(p < 0.001 ? "<0.001" : p.ToString("0.000", CultureInfo.InvariantCulture), p, Strong: p < 0.05);

    /// <summary>A metric's value as people read it: percent, three decimals, or lines.</summary>
    /// <param name="metric">Decides the form.</param>
    /// <param name="value">A defined value.</param>
    public static string Format(Metric metric, double value) => Bare(metric, value) + (metric.Scale == MetricScale.Share ? " %" : "");

    private static string Bare(Metric metric, double value) => metric.Scale switch
    {
        MetricScale.Share => (100 * value).ToString("0.0", CultureInfo.InvariantCulture),
        MetricScale.Score => value.ToString("0.000", CultureInfo.InvariantCulture),
        _ => value.ToString("0.0", CultureInfo.InvariantCulture),
    };
}

/// <summary>A table that terminal, Markdown and HTML show alike.</summary>
/// <param name="Title">What it shows.</param>
/// <param name="Columns">Headings.</param>
/// <param name="Rows">Cells, as many in each row as there are columns.</param>
/// <param name="Note">What a reader must know, below the table; null for nothing.</param>
public sealed record ReportTable(string Title, IReadOnlyList<ReportColumn> Columns, IReadOnlyList<IReadOnlyList<ReportCell>> Rows, string? Note = null);

/// <summary>Makes the usual tables.</summary>
public static class ReportTables
{
    private static readonly Metric[] s_faultColumns = [Metric.Top1, Metric.Top3, Metric.Top5, Metric.Mfr, Metric.Mar, Metric.Precision, Metric.Recall, Metric.F1];

    private static readonly Metric[] s_cloneColumns = [Metric.AveragePrecision, Metric.RocAuc, Metric.Precision, Metric.Recall, Metric.F1];

    /// <summary>One row for each arm of an experiment.</summary>
    /// <param name="title">What the table shows.</param>
    /// <param name="arms">Name and report of each arm, all of one task.</param>
    /// <param name="metrics">The columns, or null for the usual ones of the task.</param>
    public static ReportTable ByArm(string title, IReadOnlyList<(string Arm, EvaluationReport Report)> arms, IReadOnlyList<Metric>? metrics = null)
    {
        metrics ??= Usual(arms.Select(arm => arm.Report.Overall));
        EvaluationReport? first = arms.Count == 0 ? null : arms[0].Report;
        return new ReportTable(
            title,
            [new ReportColumn("Arm", Numeric: false), new ReportColumn("Runs"), .. Columns(metrics)],
            [.. arms.Select(arm => (IReadOnlyList<ReportCell>)[new ReportCell(arm.Arm), ReportCell.Count(arm.Report.Runs), .. Cells(arm.Report.Overall, metrics)])],
            first is null ? null : $"{first.Items:N0} items, {first.Positives:N0} positive; {100 * first.Options.Resampling.Confidence:0.#} % intervals over items, runs averaged within an item.");
    }

    /// <summary>One row for each group of a dimension.</summary>
    /// <param name="title">What the table shows.</param>
    /// <param name="report">A report.</param>
    /// <param name="dimension">For example <c>language</c>.</param>
    /// <param name="metrics">The columns, or null for the usual ones of the task.</param>
    public static ReportTable ByGroup(string title, EvaluationReport report, string dimension, IReadOnlyList<Metric>? metrics = null)
    {
        metrics ??= Usual([report.Overall]);
        return new ReportTable(
            title,
            [new ReportColumn(char.ToUpperInvariant(dimension[0]) + dimension[1..], Numeric: false), new ReportColumn("Items"), .. Columns(metrics)],
            [.. report.By(dimension).Select(group => (IReadOnlyList<ReportCell>)[new ReportCell(group.Name), ReportCell.Count(group.Items), .. Cells(group.Metrics, metrics)])]);
    }

    /// <summary>One row for each metric of a comparison: both values, the difference, its p-value.</summary>
    /// <param name="title">What the table shows.</param>
    /// <param name="first">Name of the first model (before).</param>
    /// <param name="second">Name of the second model (after).</param>
    /// <param name="comparison">The comparison.</param>
    public static ReportTable Differences(string title, string first, string second, ComparisonReport comparison) => new(
        title,
        [new ReportColumn("Metric", Numeric: false), new ReportColumn(first), new ReportColumn(second), new ReportColumn("Difference"), new ReportColumn("p"), new ReportColumn("Test", Numeric: false)],
        [.. comparison.Differences.Select(difference => (IReadOnlyList<ReportCell>)
        [
            new ReportCell(difference.Metric.Name),
            ReportCell.Of(difference.Metric, difference.First),
            ReportCell.Of(difference.Metric, difference.Second),
            ReportCell.Of(difference),
            ReportCell.P(difference.P),
            new ReportCell(difference.Test),
        ])],
        $"Paired over {comparison.Items:N0} items. pp: percentage points. P-values are not adjusted for the number of metrics.");

    private static Metric[] Usual(IEnumerable<MetricValues> values)
    {
        MetricValues[] all = [.. values];
        Metric[] usual = all.Any(one => one.Has(Metric.Top1)) ? [.. s_faultColumns, Metric.FunctionAuc] : s_cloneColumns;
        return [.. usual.Where(metric => all.Any(one => one.Has(metric)))];
    }

    private static IEnumerable<ReportColumn> Columns(IEnumerable<Metric> metrics) => metrics.Select(metric => new ReportColumn(metric.Name, Note: metric.Meaning));

    private static IEnumerable<ReportCell> Cells(MetricValues values, IEnumerable<Metric> metrics) =>
        metrics.Select(metric => values.Has(metric) ? ReportCell.Of(metric, values[metric]) : new ReportCell("–"));
}
