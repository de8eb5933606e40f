using System.Text;
using Apprentice.Code;
using Apprentice.Testing;

namespace Apprentice.Data.Tests;

public sealed class DecontaminationTests
{
    private const string Test = "static int Count(string text, char wanted)\n{\n    int n = 0;\n    foreach (char c in text)\n    {\n        if (c == wanted) n++;\n    }\n    return n;\n}";

    [Theory]
    [InlineData(Test, ContaminationKind.SameText)]
    [InlineData("/* x */ static int Count(string text, char wanted) { int n = 0; foreach (char c in text) { if (c == wanted) n++; } return n; }", ContaminationKind.SameText)]
    [InlineData("static int Count(string text, char wanted)\n{\n    int n = 0;\n    foreach (char c in text)\n    {\n        if (c == wanted) n++;\n    }\n    return n + 1;\n}", ContaminationKind.Windows)]
    [InlineData("static int Tally(string s, char x)\n{\n    int k = 0;\n    foreach (char d in s)\n    {\n        if (d == x) k++;\n    }\n    return k - 1;\n}", ContaminationKind.RenamedWindows)]
    [InlineData("static int Length(string text) { return text.Length; }", null)]
    [InlineData("", null)]
    public void Check_Row_IsFoundByItsWindows(string code, ContaminationKind? expected)
    {
        Decontamination decontamination = new([new CodeItem("t0", Language.CSharp, "static void F() { }"), new CodeItem("t1", Language.CSharp, Test)]);
        Contamination? found = decontamination.Check(new CodeItem("row", Language.CSharp, code));
        Assert.Equal(expected, found?.Kind);
        Assert.Equal(expected is null ? null : "t1", found?.TestId);
    }

    [Fact]
    public void Check_HalfOfTheWindows_IsAllowed()
    {
        // 26 tokens give 14 windows; 19 of them in common give 7 windows: exactly half.
        string common = string.Join(' ', Enumerable.Range(0, 19).Select(i => $"a{i}"));
        string Row(int own) => common + " " + string.Join(' ', Enumerable.Range(0, own).Select(i => $"b{i}"));
        Decontamination decontamination = new([new CodeItem("t", Language.C, common)], new DecontaminationOptions { RenamedShare = 1 });
        Assert.Null(decontamination.Check(new CodeItem("r", Language.C, Row(7))));
        Contamination found = decontamination.Check(new CodeItem("r", Language.C, Row(6)))!;
        Assert.Equal(7.0 / 13, found.Share, 12);
    }

    [Fact]
    public void Clean_FixedTextOfATest_DropsTheRowWithItsReason()
    {
        FaultExample[] rows =
        [
            new() { Id = "good", Language = "csharp", Code = "int F() { return 1; }" },
            new() { Id = "leak", Language = "csharp", Code = "int G() { return 2; }", FixedCode = Test },
        ];
        DecontaminationReport<FaultExample> report = new Decontamination([new CodeItem("t1", Language.CSharp, Test)]).Clean(rows, CodeItem.Of);
        Assert.Equal(["good"], report.Kept.Select(row => row.Id));
        (FaultExample row, Contamination reason) = Assert.Single(report.Dropped);
        Assert.Equal("leak", row.Id);
        Assert.Contains("t1", reason.Reason, StringComparison.Ordinal);
    }

    /// <summary>The bar of the data sets: planted copies (renamed, reformatted, one line in ten changed) are found but for a few very short ones, unrelated functions are kept.</summary>
    [Fact]
    public async Task Check_PublicData_FindsPlantedCopiesAndFewOthers()
    {
        List<CodeItem> tests = [];
        await foreach (FaultExample row in FaultDataset.ReadAsync(SharedFiles.Require("data/fl.mined.test.jsonl.gz")))
        {
            tests.AddRange(CodeItem.Of(row).Take(1));
        }

        Decontamination decontamination = new(tests);
        Random random = new(11);
        List<CodeItem> planted = [.. tests.Take(250).Select(test => Disguise(test, random))];
        int found = planted.Count(row => decontamination.Check(row) is not null);
        int unrelated = 0, wrong = 0;
        await foreach (FaultExample row in FaultDataset.ReadAsync(SharedFiles.Require("data/clean.functions.train.jsonl.gz")))
        {
            unrelated++;
            wrong += decontamination.Check(CodeItem.Of(row).First()) is null ? 0 : 1;
            if (unrelated == 2000)
            {
                break;
            }
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{found} of {planted.Count} planted copies found; {wrong} of {unrelated} unrelated functions dropped");
        Assert.InRange(found, planted.Count * 0.99, planted.Count);
        Assert.InRange(wrong, 0, unrelated * 0.01);
    }

    private static CodeItem Disguise(CodeItem test, Random random)
    {
        string[] lines = test.Code.Split('\n');
        int changes = Math.Max(1, lines.Length / 10);
        for (int i = 0; i < changes && lines.Length > 4; i++)
        {
            int line = random.Next(lines.Length);
            lines[line] = lines[line].Length == 0 ? "" : lines[line] + " ^ changed";
        }

        string code = string.Join('\n', lines);
        StringBuilder renamed = new();
        int from = 0;
        foreach (CodeToken token in Lexer.Tokenize(test.Language, code))
        {
            renamed.Append(code, from, token.Start - from);
            renamed.Append(token.Text(code));
            if (token.Kind == CodeTokenKind.Identifier)
            {
                renamed.Append("_2");
            }

            renamed.Append("  ");
            from = token.End;
        }

        return test with { Id = test.Id + "-copy", Code = renamed.Append(code, from, code.Length - from).ToString() };
    }
}
