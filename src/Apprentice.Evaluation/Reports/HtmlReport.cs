using System.Text;
using static Apprentice.Evaluation.HtmlText;

namespace Apprentice.Evaluation;

/// <summary>Writes a report as one HTML file that opens offline: style sheet and SVG inline, no script, light and dark as the reader's system says.</summary>
/// <remarks>Every chart has a text alternative and its numbers in a table; what colour says is also said by a sign, so that print and colour-blind readers lose nothing.</remarks>
public static class HtmlReport
{
    private const int OpenFunctions = 3;

    /// <summary>Writes the file, replacing it.</summary>
    /// <param name="path">Target file.</param>
    /// <param name="document">The report.</param>
    public static void Write(string path, ReportDocument document) => ReportFile.Write(path, Render(document));

    /// <summary>The document as an HTML page.</summary>
    /// <param name="document">The report.</param>
    public static string Render(ReportDocument document)
    {
        StringBuilder body = new();
        List<(string Id, string Name)> sections = [];
        void Section(string id, string name, bool present, Action content)
        {
            if (present)
            {
                sections.Add((id, name));
                body.Append($"<section id=\"{id}\" aria-labelledby=\"{id}-h\"><h2 id=\"{id}-h\">{Encode(name)}</h2>\n");
                content();
                body.Append("</section>\n");
            }
        }

        Section("headline", "Before and after", document.Headlines.Count > 0, () => Headlines(body, document.Headlines));
        Section("chance", "Is it chance?", document.Comparisons.Count > 0, () => Tables(body, document.Comparisons));
        Section("yield", "What became of the candidates", document.Yield.Count > 0, () => Yield(body, document.Yield));
        Section("functions", "Test functions, line by line", document.Functions.Count > 0, () => Functions(body, document.Functions));
        Section("tables", "All figures", document.Tables.Count > 0, () => Tables(body, document.Tables));
        Section("losses", "Training", document.Losses.Count > 0, () => Losses(body, document.Losses));
        Section("settings", "Settings and provenance", document.Settings.Count > 0, () => Settings(body, document.Settings));

        StringBuilder page = new();
        page.Append("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">")
            .Append("<meta name=\"color-scheme\" content=\"light dark\"><title>").Append(Encode(document.Title)).Append("</title>\n<style>\n").Append(Style).Append("</style></head>\n<body>\n")
            .Append("<a class=\"skip\" href=\"#main\">Skip to the results</a>\n<header><h1>").Append(Encode(document.Title)).Append("</h1>\n");
        foreach (string paragraph in document.Summary)
        {
            page.Append("<p>").Append(Encode(paragraph)).Append("</p>\n");
        }

        page.Append("<nav aria-label=\"Sections\">").AppendJoin(' ', sections.Select(section => $"<a href=\"#{section.Id}\">{Encode(section.Name)}</a>"));
        page.Append("</nav></header>\n<main id=\"main\">\n").Append(body).Append("</main>\n</body></html>\n");
        return page.ToString();
    }

    private static void Headlines(StringBuilder body, IReadOnlyList<HeadlineChart> charts)
    {
        body.Append("<p class=\"legend\">□ no model &nbsp; ○ before &nbsp; ● after &nbsp; ◇ control; the line is the interval.</p>\n");
        for (int i = 0; i < charts.Count; i++)
        {
            body.Append($"<figure><figcaption><strong>{Encode(charts[i].Metric)}</strong> {(charts[i].HigherIsBetter ? "→ higher is better" : "← lower is better")}. {Encode(charts[i].Meaning)}</figcaption>")
                .Append("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Chart\">").Append(SvgCharts.DotsAndWhiskers(charts[i], $"chart{i}")).Append("</div></figure>\n");
        }

        body.Append("<details><summary>The same as a table</summary>");
        Table(body, MarkdownReport.Headline(charts));
        body.Append("</details>\n");
    }

    private static void Yield(StringBuilder body, IReadOnlyList<YieldStep> steps)
    {
        body.Append("<figure><div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Chart\">").Append(SvgCharts.Funnel(steps, "funnel")).Append("</div></figure>\n<details><summary>Reasons</summary>");
        Table(body, MarkdownReport.YieldTable(steps));
        body.Append("</details>\n");
    }

    private static void Losses(StringBuilder body, IReadOnlyList<LossCurve> curves)
    {
        int lastStep = curves.SelectMany(curve => curve.Points).Select(point => point.Step).DefaultIfEmpty(1).Max();
        double highest = curves.SelectMany(curve => curve.Points).Select(point => point.Loss).Where(double.IsFinite).DefaultIfEmpty(1).Max();
        highest = highest > 0 ? highest : 1;
        body.Append("<p class=\"legend\">Loss by optimiser step; one line for each run, all charts on the same axes.</p><div class=\"grid-of-charts\">");
        int number = 0;
        foreach (IGrouping<string, LossCurve> arm in curves.GroupBy(curve => curve.Arm))
        {
            body.Append($"<figure><figcaption><strong>{Encode(arm.Key)}</strong> {Encode(string.Join(", ", arm.Select(curve => curve.Run)))}</figcaption>")
                .Append(SvgCharts.Losses(arm.Key, [.. arm], lastStep, highest, $"loss{number++}")).Append("</figure>\n");
        }

        body.Append("</div>\n");
    }

    private static void Functions(StringBuilder body, IReadOnlyList<HeatFunction> functions)
    {
        body.Append("<p class=\"legend\"><span class=\"truth\">▶ faulty</span> marks the lines that are faulty in truth. Columns give each model's rank of a line, 1 the most suspicious; "
            + "the darker the cell, the higher the suspicion; the code is shaded by the last column.</p>\n");
        for (int i = 0; i < functions.Count; i++)
        {
            HeatFunction function = functions[i];
            body.Append($"<details{(i < OpenFunctions ? " open" : "")}><summary>{Encode(function.Title)} <span class=\"tag\">{Encode(function.Language)}</span></summary>")
                .Append($"<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{Encode(function.Title)}\"><table class=\"code\"><thead><tr><th scope=\"col\">Line</th><th scope=\"col\">Truth</th>");
            foreach (HeatColumn model in function.Models)
            {
                body.Append($"<th scope=\"col\">{Encode(model.Model)}</th>");
            }

            body.Append("<th scope=\"col\" class=\"text\">Code</th></tr></thead><tbody>\n");
            for (int line = 0; line < function.Lines.Count; line++)
            {
                bool faulty = function.FaultyLines.Contains(line + 1);
                body.Append($"<tr{(faulty ? " class=\"faulty\"" : "")}><th scope=\"row\">{line + 1}</th><td class=\"truth\">{(faulty ? "▶ faulty" : "")}</td>");
                foreach (HeatColumn model in function.Models)
                {
                    int rank = model.Ranks[line];
                    body.Append($"<td class=\"heat\" style=\"--h:{Number(model.Heat[line])}\">{(rank <= 5 ? $"<b>{rank}</b>" : $"{rank}")}</td>");
                }

                string heat = function.Models.Count == 0 ? "0" : Number(function.Models[^1].Heat[line]);
                body.Append($"<td class=\"text heat\" style=\"--h:{heat}\"><code>{Encode(function.Lines[line].TrimEnd('\r'))}</code></td></tr>\n");
            }

            body.Append("</tbody></table></div></details>\n");
        }
    }

    private static void Settings(StringBuilder body, IReadOnlyList<ReportSetting> settings)
    {
        body.Append("<dl>");
        foreach (ReportSetting setting in settings)
        {
            body.Append($"<dt>{Encode(setting.Name)}</dt><dd>{Encode(setting.Value)}</dd>\n");
        }

        body.Append("</dl>\n");
    }

    private static void Tables(StringBuilder body, IReadOnlyList<ReportTable> tables)
    {
        foreach (ReportTable table in tables)
        {
            Table(body, table);
        }
    }

    private static void Table(StringBuilder body, ReportTable table)
    {
        body.Append($"<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{Encode(table.Title)}\"><table><caption>{Encode(table.Title)}</caption><thead><tr>");
        foreach (ReportColumn column in table.Columns)
        {
            string note = column.Note is null ? "" : $" title=\"{Encode(column.Note)}\"";
            body.Append($"<th scope=\"col\"{(column.Numeric ? "" : " class=\"text\"")}{note}>{Encode(column.Name)}</th>");
        }

        body.Append("</tr></thead><tbody>\n");
        foreach (IReadOnlyList<ReportCell> row in table.Rows)
        {
            body.Append("<tr>");
            for (int i = 0; i < row.Count; i++)
            {
                string text = row[i].Strong ? $"<strong>{Encode(row[i].Text)}</strong>" : Encode(row[i].Text);
                string interval = row[i].Interval is { } range ? $" <span class=\"interval\">{Encode(range)}</span>" : "";
                string tag = i == 0 ? "th scope=\"row\"" : "td";
                body.Append($"<{tag}{(table.Columns[i].Numeric ? "" : " class=\"text\"")}>{text}{interval}</{tag[..2]}>");
            }

            body.Append("</tr>\n");
        }

        body.Append("</tbody></table></div>\n");
        if (table.Note is not null)
        {
            body.Append($"<p class=\"legend\">{Encode(table.Note)}</p>\n");
        }
    }

    private const string Style = """
        :root{--bg:#fbfaf7;--panel:#fff;--ink:#1f2328;--soft:#5c6470;--rule:#dcdad3;--before:#7a5a00;--after:#0b62a8;--control:#7b2fa0;--base:#5c6470;--hot:224,90,20;--truth:#a3123a}
        @media (prefers-color-scheme:dark){:root{--bg:#14171b;--panel:#1c2026;--ink:#e8e6e1;--soft:#a3abb6;--rule:#343a43;--before:#e0b040;--after:#6ab7ff;--control:#d69cf5;--base:#a3abb6;--hot:240,120,40;--truth:#ff8aa8}}
        *{box-sizing:border-box}
        body{margin:0 auto;max-width:1080px;padding:24px 20px 64px;background:var(--bg);color:var(--ink);font:16px/1.55 system-ui,"Segoe UI","DejaVu Sans",sans-serif}
        h1{font-size:1.9rem;line-height:1.2;margin:.3em 0 .4em}h2{font-size:1.3rem;margin:0 0 .6em}
        header p{max-width:74ch;margin:.5em 0}
        nav{display:flex;flex-wrap:wrap;gap:6px 16px;margin:18px 0;padding:10px 0;border-block:1px solid var(--rule)}
        a{color:var(--after)}a:focus-visible,summary:focus-visible,.scroll:focus-visible{outline:3px solid var(--after);outline-offset:2px}
        .skip{position:absolute;left:-999px}.skip:focus{left:20px;top:8px}
        section{background:var(--panel);border:1px solid var(--rule);border-radius:10px;padding:20px 22px;margin:18px 0}
        figure{margin:0 0 18px}figcaption{margin-bottom:6px;color:var(--soft)}figcaption strong{color:var(--ink)}
        .legend{color:var(--soft);font-size:.92rem;margin:.2em 0 1em}
        .scroll{overflow-x:auto}.grid-of-charts{display:flex;flex-wrap:wrap;gap:12px 28px}
        svg{display:block;max-width:100%;height:auto;min-width:320px}
        svg text{fill:var(--ink);font:14px system-ui,"Segoe UI","DejaVu Sans",sans-serif}svg .tick{fill:var(--soft);font-size:12px}svg .value{font-weight:600}svg .value .tick{font-weight:400}
        .grid{stroke:var(--rule);stroke-width:1}
        .whisker line{stroke-width:2}.baseline{stroke:var(--base)}.before{stroke:var(--before)}.after{stroke:var(--after)}.control{stroke:var(--control)}
        .mark{stroke-width:2.5;fill:var(--panel)}.mark.after{fill:var(--after)}
        .kept{fill:var(--after)}.dropped{fill:var(--rule)}
        .curve{fill:none;stroke-width:1.8;stroke:var(--after)}.curve.s1{stroke:var(--before);stroke-dasharray:6 3}.curve.s2{stroke:var(--control);stroke-dasharray:2 3}.curve.s3{stroke:var(--base);stroke-dasharray:8 3 2 3}
        table{border-collapse:collapse;margin:4px 0 8px;font-size:.92rem;font-variant-numeric:tabular-nums}
        caption{text-align:left;font-weight:600;padding:8px 0}
        th,td{padding:5px 10px;text-align:right;border-bottom:1px solid var(--rule);white-space:nowrap;font-weight:400}
        thead th{color:var(--soft);vertical-align:bottom}.text{text-align:left}td.text{white-space:normal}.interval{display:block;color:var(--soft);font-size:.82em}
        details{margin:8px 0}summary{cursor:pointer;padding:4px 0;font-weight:600}.tag{color:var(--soft);font-weight:400;font-size:.85rem}
        table.code{width:100%;font-size:.84rem}table.code th,table.code td{padding:1px 8px;border:0}table.code thead th{border-bottom:1px solid var(--rule)}
        table.code td.text{white-space:pre;width:100%}table.code tbody th,table.code .heat{color:var(--soft)}table.code td.heat b,table.code td.text code{color:var(--ink)}
        code{font:13px/1.5 ui-monospace,"Cascadia Mono","DejaVu Sans Mono",monospace;tab-size:4}
        .heat{background:rgba(var(--hot),calc(var(--h)*.5))}
        .truth{color:var(--truth);font-weight:700}tr.faulty td.text{box-shadow:inset 4px 0 0 var(--truth)}
        dl{display:grid;grid-template-columns:minmax(120px,max-content) 1fr;gap:4px 18px}dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
        @media print{section{break-inside:avoid;border:0;padding:0}nav,.skip{display:none}.heat,.kept,.dropped{print-color-adjust:exact}}

        """;
}
