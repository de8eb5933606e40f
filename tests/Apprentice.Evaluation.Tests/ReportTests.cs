using System.Text.RegularExpressions;
using System.Xml.Linq;
using Apprentice.Testing;

namespace Apprentice.Evaluation.Tests;

public sealed class ReportTests
{
    private static readonly Lazy<ReportDocument> s_report = new(Samples.Report);

    [Fact]
    public void Render_Markdown_MatchesSnapshot() => Snapshot("report.md", MarkdownReport.Render(s_report.Value));

    [Fact]
    public void Render_HtmlWithoutDrawings_MatchesSnapshot()
    {
        string html = HtmlReport.Render(s_report.Value);
        html = Regex.Replace(html, "<style>.*?</style>", "<style/>", RegexOptions.Singleline);
        Snapshot("report.html", Regex.Replace(html, "(<svg [^>]*>)(<title.*?</desc>).*?</svg>", "$1$2</svg>", RegexOptions.Singleline));
    }

    [Fact]
    public void Render_Html_IsWellFormedAndNeedsNothingElse()
    {
        string html = HtmlReport.Render(s_report.Value);
        string[] ids = [.. Regex.Matches(html, " id=\"([^\"]*)\"").Select(match => match.Groups[1].Value)];
        Assert.Equal(ids.Length, ids.Distinct().Count());
        Assert.DoesNotMatch("(?i)<script|https?://|url\\(|<link|@import|\\u0001", html);
        Assert.Contains("Demo &lt;report&gt; &amp; more", html);
        Assert.Contains("▶ faulty", html);
        string xml = Regex.Replace(html.Replace("<!DOCTYPE html>", ""), "<meta([^>]*)>", "<meta$1/>").Replace("&nbsp;", " ").Replace("<details open>", "<details open=\"\">");
        XDocument parsed = XDocument.Parse(xml);
        foreach (XElement svg in parsed.Descendants("svg"))
        {
            Assert.Equal("img", (string?)svg.Attribute("role"));
            Assert.NotEqual("", svg.Element("title")!.Value);
            Assert.NotEqual("", svg.Element("desc")!.Value);
            Assert.DoesNotContain("NaN", svg.ToString());
        }
    }

    [Fact]
    public void Render_EmptyDocument_Works()
    {
        ReportDocument empty = new() { Title = "Nothing" };
        Assert.Contains("<h1>Nothing</h1>", HtmlReport.Render(empty));
        Assert.Equal("# Nothing\n", MarkdownReport.Render(empty));
        HeadlineArm undefined = new("a", ArmRole.Before, ReportCell.Of(Metric.Top1, Estimate.Exact(double.NaN)));
        ReportDocument odd = empty with
        {
            Headlines = [new HeadlineChart("m", "", true, [undefined])],
            Losses = [new LossCurve("a", "seed", []), new LossCurve("a", "one", [new LossPoint(1, double.NaN)])],
            Yield = [new YieldStep("asked", 0)],
        };
        Assert.DoesNotContain("NaN\"", HtmlReport.Render(odd));
        Assert.Equal(JsonReport.Render(odd), JsonReport.Render(JsonReport.Parse(JsonReport.Render(odd))));
    }

    [Fact]
    public void Parse_RenderedJson_GivesTheSame()
    {
        string json = JsonReport.Render(s_report.Value);
        Assert.Equal(json, JsonReport.Render(JsonReport.Parse(json)));
        Assert.Contains("\"format_version\": 1", json);
        Assert.Throws<FormatException>(() => JsonReport.Parse("{\"format_version\": 2, \"title\": \"later\"}"));
        Assert.Throws<FormatException>(() => JsonReport.Parse("{"));
    }

    [Fact]
    public void Write_NewFolder_WritesAllThree()
    {
        string folder = Path.Combine(Directory.CreateTempSubdirectory("apprentice-").FullName, "new");
        HtmlReport.Write(Path.Combine(folder, "report.html"), s_report.Value);
        MarkdownReport.Write(Path.Combine(folder, "report.md"), s_report.Value);
        JsonReport.Write(Path.Combine(folder, "report.json"), s_report.Value);
        Assert.Equal(3, Directory.GetFiles(folder).Length);
        Directory.Delete(Path.GetDirectoryName(folder)!, recursive: true);
    }

    [Fact]
    public void Of_HeatColumn_RanksTiesByTheBest()
    {
        HeatColumn column = HeatColumn.Of("m", [2, 5, 5, double.NegativeInfinity]);
        Assert.Equal([3, 1, 1, 4], column.Ranks);
        Assert.Equal([0.0, 1, 1, 0], column.Heat);
    }

    // With APPRENTICE_ACCEPT set the snapshots are written anew; the difference is then reviewed like code.
    private static void Snapshot(string name, string actual)
    {
        string path = Path.Combine(SharedFiles.Repository, "tests", "Apprentice.Evaluation.Tests", "Snapshots", name);
        if (Environment.GetEnvironmentVariable("APPRENTICE_ACCEPT") is not null)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, actual);
        }

        Assert.Equal(File.ReadAllText(path).ReplaceLineEndings("\n"), actual);
    }
}
