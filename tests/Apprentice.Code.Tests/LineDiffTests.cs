using System.IO.Compression;
using System.Text.Json;
using Apprentice.Testing;

namespace Apprentice.Code.Tests;

public sealed class LineDiffTests
{
    private static void Check(Language language, string faulty, string fixedCode, bool insertion, params int[] lines)
    {
        FaultLabels labels = LineDiff.Label(language, faulty, fixedCode);
        Assert.Equal(lines, labels.Lines);
        Assert.Equal(insertion, labels.Insertion);
    }

    [Fact]
    public void Label_ChangedAndDeletedLines_AreLabelled()
    {
        Check(Language.Java, "a();\nb(1);\nc();", "a();\nb(2);\nc();", false, 2);
        Check(Language.Java, "a();\nb();\nc();", "a();\nc();", false, 2);
        Check(Language.Java, "a();\nb();\nc();\nd();", "a();\nB();\nc();\nx();\nd();", false, 2);
    }

    [Fact]
    public void Label_SpacingBlankLinesAndComments_DoNotCount()
    {
        Check(Language.C, "int  x=1; // one\n\nf ( x ) ;", "int x = 1;\nf(x);", false);
        Check(Language.Python, "def f():\n    '''Doc.'''\n    return 1", "def f():\n    '''Other.'''\n    # c\n    return 2", false, 3);
    }

    [Fact]
    public void Label_OnlyInsertion_NamesThePlace()
    {
        Check(Language.Java, "a();\nb();", "a();\nx();\nb();", true, 2);
        Check(Language.Java, "f() {\n a();\n}", "f() {\n a();\n x();\n}", true, 2);
        Check(Language.Java, "f() {\n if (a) {\n b();\n }\n}", "f() {\n if (a) {\n b();\n }\n x();\n}", true, 5);
        Check(Language.Python, "if a:\n    b()\nelse:\n    c()", "if a:\n    b()\n    x()\nelse:\n    c()", true, 2);
        Check(Language.Java, "a();\nb();\nc();", "a();\nif (x) {\nb();\n}\nc();", true, 2);
    }

    [Fact]
    public void Label_BraceLines_OnlyWhereNothingElseDiffers()
    {
        Check(Language.Java, "if (a)\n{\nb();\nc();\n}", "if (a) {\nb();\nd();\n}", false, 1, 4);
        Check(Language.Java, "a();\n}\nb();", "a();\nb();", false, 2);
    }

    [Fact]
    public void Label_Indentation_OnlyWhereNothingElseDiffers()
    {
        Check(Language.Python, "for a in b:\n    c()\n    return a", "for a in b:\n    c()\nreturn a", false, 3);
        Check(Language.Python, "for a in b:\n    c()\n    return a", "for a in b:\n    d()\nreturn a", false, 2);
    }

    [Fact]
    public void Label_EqualOrEmptyTexts_LabelNothing()
    {
        Check(Language.Go, "", "", false);
        Check(Language.Go, "", "x", true);
        Check(Language.Go, "a()\n", "a()", false);
    }

    [Fact]
    public void Label_CompareComments_SeesThem()
    {
        FaultLabels labels = LineDiff.Label(Language.Java, "a();\n/* b();\nc();", "a();\nb();\nc();", new LineDiffOptions { CompareComments = true });
        Assert.Equal([2], labels.Lines);
    }

    [Fact]
    public void ChangedLines_CountsBothSides() => Assert.Equal(3, LineDiff.ChangedLines(Language.Java, "a();\nb();\nc();", "a();\nx();\ny();\nc();"));

    /// <summary>The labels of the public data come from the same rules; rows that keep a difference differ in string white space or tie breaks.</summary>
    [Theory]
    [InlineData("fl.real.train", 0.995)]
    [InlineData("fl.mined.train", 0.99)]
    [InlineData("fl.llm", 0.995)]
    [InlineData("fl.llm.claude", 0.995)]
    public void Label_PublicData_EqualsStoredLabels(string name, double least)
    {
        string path = SharedFiles.Require($"data/{name}.jsonl.gz");
        using StreamReader reader = new(new GZipStream(File.OpenRead(path), CompressionMode.Decompress));
        int rows = 0;
        int equal = 0;
        for (int number = 0; reader.ReadLine() is { } line; number++)
        {
            if (number % 5 != 0)
            {
                continue;
            }

            using JsonDocument document = JsonDocument.Parse(line);
            JsonElement row = document.RootElement;
            FaultLabels labels = LineDiff.Label(
                Languages.Parse(row.GetProperty("language").GetString()!), row.GetProperty("code").GetString()!, row.GetProperty("fixed_code").GetString()!,
                new LineDiffOptions { CompareComments = row.GetProperty("category").GetString() is "illegal comment" or "unclosed string" });
            rows++;
            equal += labels.Insertion == row.GetProperty("insertion").GetBoolean()
                && labels.Lines.SequenceEqual(row.GetProperty("faulty_lines").EnumerateArray().Select(value => value.GetInt32())) ? 1 : 0;
        }

        Assert.True(equal >= least * rows, $"{name}: {equal} of {rows} labels equal the stored ones");
    }
}
