using System.Globalization;
using System.Text;
using static Apprentice.Evaluation.HtmlText;

namespace Apprentice.Evaluation;

/// <summary>Charts as inline SVG: no script, colours from the page's style sheet, each with a text alternative.</summary>
internal static class SvgCharts
{
    private const int MaximumPoints = 400;

    /// <summary>One metric: a row for each arm, a dot for the value, a whisker for the interval.</summary>
    public static string DotsAndWhiskers(HeadlineChart chart, string id)
    {
        const double Width = 720, Left = 210, Right = 170, RowHeight = 30, Top = 12;
        double bottom = Top + RowHeight * chart.Arms.Count;
        bool percent = chart.Arms.Any(arm => arm.Value.Text.EndsWith('%'));
        double[] values = [.. chart.Arms.SelectMany(arm => new[] { arm.Value.Value, arm.Value.Low, arm.Value.High }).OfType<double>().Where(double.IsFinite)];
        double low = values.DefaultIfEmpty(0).Min(), high = values.DefaultIfEmpty(1).Max();
        double margin = Math.Max((high - low) * 0.08, Math.Max(1e-6, Math.Abs(high) * 0.02));
        low = Math.Max(0, low - margin);
        high += margin;
        double X(double value) => Left + (value - low) / (high - low) * (Width - Left - Right);

        StringBuilder svg = new();
        string description = string.Join("; ", chart.Arms.Select(arm => $"{arm.Name} {arm.Value.Text} {arm.Value.Interval}".Trim()));
        Open(svg, id, Width, bottom + 34, $"{chart.Metric}, {(chart.HigherIsBetter ? "higher" : "lower")} is better", description);
        foreach (double tick in Ticks(low, high, 5))
        {
            string x = Number(X(tick)), label = percent ? Number(100 * tick) + " %" : tick.ToString("0.###", CultureInfo.InvariantCulture);
            svg.Append($"<line class=\"grid\" x1=\"{x}\" x2=\"{x}\" y1=\"{Number(Top)}\" y2=\"{Number(bottom)}\"/><text class=\"tick\" x=\"{x}\" y=\"{Number(bottom + 18)}\" text-anchor=\"middle\">{label}</text>");
        }

        for (int i = 0; i < chart.Arms.Count; i++)
        {
            HeadlineArm arm = chart.Arms[i];
            double y = Top + RowHeight * (i + 0.5);
            string role = arm.Role.ToString().ToLowerInvariant();
            svg.Append($"<text class=\"label\" x=\"{Number(Left - 12)}\" y=\"{Number(y + 5)}\" text-anchor=\"end\">{Encode(Shorten(arm.Name, 28))}</text>");
            svg.Append($"<text class=\"label value\" x=\"{Number(Width - Right + 10)}\" y=\"{Number(y + 5)}\">{Encode(arm.Value.Text)}<tspan class=\"tick\" dx=\"6\">{Encode(arm.Value.Interval ?? "")}</tspan></text>");
            if (arm.Value.Value is not { } value)
            {
                continue;
            }

            if (arm.Value.Low is { } from && arm.Value.High is { } to)
            {
                svg.Append($"<g class=\"whisker {role}\"><line x1=\"{Number(X(from))}\" x2=\"{Number(X(to))}\" y1=\"{Number(y)}\" y2=\"{Number(y)}\"/>");
                foreach (double end in new[] { from, to })
                {
                    svg.Append($"<line x1=\"{Number(X(end))}\" x2=\"{Number(X(end))}\" y1=\"{Number(y - 5)}\" y2=\"{Number(y + 5)}\"/>");
                }

                svg.Append("</g>");
            }

            string cx = Number(X(value)), cy = Number(y);
            svg.Append(arm.Role switch
            {
                ArmRole.Baseline => $"<rect class=\"mark {role}\" x=\"{Number(X(value) - 4)}\" y=\"{Number(y - 4)}\" width=\"8\" height=\"8\"/>",
                ArmRole.Control => $"<path class=\"mark {role}\" d=\"M{cx} {Number(y - 7)}l7 7l-7 7l-7 -7z\"/>",
                _ => $"<circle class=\"mark {role}\" cx=\"{cx}\" cy=\"{cy}\" r=\"6\"/>",
            });
        }

        return svg.Append("</svg>").ToString();
    }

    /// <summary>A bar for each step, its length the share of the first.</summary>
    public static string Funnel(IReadOnlyList<YieldStep> steps, string id)
    {
        const double Width = 720, Left = 130, Right = 150, RowHeight = 36;
        StringBuilder svg = new();
        Open(svg, id, Width, RowHeight * steps.Count + 6, "Yield of the generated candidates", string.Join("; ", steps.Select(step => $"{step.Name} {step.Count}")));
        double first = Math.Max(1, steps.Max(step => step.Count));
        for (int i = 0; i < steps.Count; i++)
        {
            double y = RowHeight * i + 4, length = steps[i].Count / first * (Width - Left - Right);
            double before = (i == 0 ? steps[i].Count : steps[i - 1].Count) / first * (Width - Left - Right);
            svg.Append($"<text class=\"label\" x=\"{Number(Left - 12)}\" y=\"{Number(y + 19)}\" text-anchor=\"end\">{Encode(steps[i].Name)}</text>");
            svg.Append($"<rect class=\"dropped\" x=\"{Number(Left)}\" y=\"{Number(y)}\" width=\"{Number(Math.Max(before, length))}\" height=\"{Number(RowHeight - 8)}\" rx=\"3\"/>");
            svg.Append($"<rect class=\"kept\" x=\"{Number(Left)}\" y=\"{Number(y)}\" width=\"{Number(length)}\" height=\"{Number(RowHeight - 8)}\" rx=\"3\"/>");
            svg.Append($"<text class=\"label value\" x=\"{Number(Left + Math.Max(before, length) + 8)}\" y=\"{Number(y + 19)}\">{steps[i].Count.ToString("N0", CultureInfo.InvariantCulture)}<tspan class=\"tick\" dx=\"6\">{MarkdownReport.Percent(steps[i].Count, steps[0].Count)}</tspan></text>");
        }

        return svg.Append("</svg>").ToString();
    }

    /// <summary>The losses of one arm, a line for each run, on axes that all arms share.</summary>
    public static string Losses(string arm, IReadOnlyList<LossCurve> runs, int lastStep, double highest, string id)
    {
        const double Width = 340, Height = 210, Left = 44, Right = 12, Top = 12, Bottom = 34;
        double X(double step) => Left + step / Math.Max(1, lastStep) * (Width - Left - Right);
        double Y(double loss) => Top + (1 - Math.Clamp(loss / highest, 0, 1)) * (Height - Top - Bottom);

        StringBuilder svg = new();
        string description = string.Join("; ", runs.Where(run => run.Points.Count > 0).Select(run =>
            string.Create(CultureInfo.InvariantCulture, $"{run.Run} from {run.Points[0].Loss:0.000} to {run.Points[^1].Loss:0.000} in {run.Points[^1].Step} steps")));
        Open(svg, id, Width, Height, $"Loss of {arm}", description);
        foreach (double tick in Ticks(0, highest, 4))
        {
            string y = Number(Y(tick));
            svg.Append($"<line class=\"grid\" x1=\"{Number(Left)}\" x2=\"{Number(Width - Right)}\" y1=\"{y}\" y2=\"{y}\"/><text class=\"tick\" x=\"{Number(Left - 6)}\" y=\"{Number(Y(tick) + 4)}\" text-anchor=\"end\">{tick.ToString("0.###", CultureInfo.InvariantCulture)}</text>");
        }

        foreach (double tick in Ticks(0, lastStep, 4))
        {
            svg.Append($"<text class=\"tick\" x=\"{Number(X(tick))}\" y=\"{Number(Height - Bottom + 18)}\" text-anchor=\"middle\">{Number(tick)}</text>");
        }

        for (int i = 0; i < runs.Count; i++)
        {
            IEnumerable<LossPoint> points = Thin(runs[i].Points).Where(point => double.IsFinite(point.Loss));
            svg.Append($"<polyline class=\"curve s{i % 4}\" points=\"").AppendJoin(' ', points.Select(point => $"{Number(X(point.Step))},{Number(Y(point.Loss))}")).Append("\"/>");
        }

        return svg.Append("</svg>").ToString();
    }

    // A drawing of 300 pixels shows no more; each kept point is the mean of its stretch.
    private static IEnumerable<LossPoint> Thin(IReadOnlyList<LossPoint> points)
    {
        int stretch = (points.Count + MaximumPoints - 1) / MaximumPoints;
        return stretch <= 1 ? points : points.Chunk(stretch).Select(chunk => new LossPoint(chunk[^1].Step, chunk.Average(point => point.Loss)));
    }

    private static void Open(StringBuilder svg, string id, double width, double height, string title, string description) => svg.Append(
        $"<svg role=\"img\" aria-labelledby=\"{id}-t {id}-d\" viewBox=\"0 0 {Number(width)} {Number(height)}\" width=\"{Number(width)}\" height=\"{Number(height)}\"><title id=\"{id}-t\">{Encode(title)}</title><desc id=\"{id}-d\">{Encode(description)}</desc>");

    private static string Shorten(string text, int length) => text.Length <= length ? text : text[..(length - 1)] + "…";
}
