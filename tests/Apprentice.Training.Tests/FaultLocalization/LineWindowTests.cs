using Apprentice.Code;
using Apprentice.Compute;
using Apprentice.Tokenizers;

namespace Apprentice.Training.Tests;

public sealed class LineWindowTests
{
    /// <summary>Merges "\n    " and longer runs of white space, so that tokens reach over line ends.</summary>
    private static readonly ByteLevelBpe s_tokenizer = BpeTrainer.Train(
        Enumerable.Repeat("\n        a\n\n    b\n\n\n        c = d\r\n        e();\r\n\r\n        f\t\n\t\tg", 20), new BpeTrainerOptions { VocabularySize = 300 });

    public static TheoryData<Language, string, int[]> Texts => new()
    {
        { Language.CSharp, "int F()\n{\n    return 1;\n}", [0, 2] },
        { Language.CSharp, "int F()\r\n{\r\n    return 1;\r\n}\r\n", [0, 2] },
        { Language.CSharp, "int F()\n{\n\n\n    // why\n\n    return 1; // one\n\n}\n", [0, 6] },
        { Language.CSharp, "int F()\n{\n\treturn\n\t\t1\n\t;\n}", [0, 2, 3] },
        { Language.CSharp, "int F() {\n  if (a) {\n  } else {\n  }\n});\n", [0, 1, 2] },
        { Language.CSharp, "string F()\n{\n    return @\"one\n\n  }\n  four\";\n}", [0, 2, 3, 4, 5] },
        { Language.Python, "def f():\n    x = '''a\n\n      b\n'''\n    return x", [0, 1, 2, 3, 4, 5] },
        { Language.Python, "def f(x):\n    return (\n        x\n    )", [0, 1, 2] },
        { Language.CSharp, "", [] },
        { Language.CSharp, "\n", [] },
        { Language.CSharp, "\n\n   \n\t\n", [] },
        { Language.CSharp, "// only\n\n/* words\n   here */\n", [0, 2, 3] },
        { Language.CSharp, "{\n}\n", [0, 1] },
        { Language.CSharp, "a;", [0] },
        { Language.C, "a; /* b\n c */ d;\n/* e */\n", [0, 1] },
        { Language.C, "#define A \\\n  b\nint a;", [0, 1, 2] },
        { Language.CSharp, "a;\rb;\nc;\u2028d;\u0085e;\nf;\vg;\fh;", [0, 1, 2] },
        { Language.CSharp, "\ud83d\ude00 = \"\u00e4\u4e2d\ud83d\ude00\";\n\ud800;\nb;\0\nc;", [0, 1, 2, 3] },
        { Language.JavaScript, "let a = `x\n${b}\n`;\nc();", [0, 1, 2, 3] },
        { Language.CSharp, "var a = \"never closed\n    b;\n'\n/* nor this\n", [0, 1, 2] },
    };

    [Theory]
    [MemberData(nameof(Texts))]
    public void Cut_HardTexts_GivesExactlyTheLinesThatCanBeFaulty(Language language, string code, int[] lines)
    {
        foreach (ITokenizer tokenizer in new ITokenizer[] { s_tokenizer, Samples.Tokenizer })
        {
            foreach (int length in new[] { 3, 4, 7, 16, 512 })
            {
                Assert.Equal(lines, Check(language, code, tokenizer, length).Order());
            }
        }
    }

    [Fact]
    public void Cut_LabelsOnOtherLines_AreCandidatesToo()
    {
        const string Code = "int F()\n{\n\n    // why\n    return 1;\n}\n";
        int[] lines = [1, 2, 3, 4, 5, 6, 7];
        foreach (ITokenizer tokenizer in new ITokenizer[] { s_tokenizer, Samples.Tokenizer })
        {
            LineWindow window = Assert.Single(LineWindow.Cut(Code, Language.CSharp, tokenizer, 512, lines));

            // The seventh line is behind the last line end: even that one stays, at the token before it.
            Assert.Equal([0, 1, 2, 3, 4, 5, 6], window.Lines.Select(line => line.Line));
            Assert.Equal(1, FaultTrainingTask.Targets(window, lines).Sum(), 6);
            Assert.Equal(0, FaultTrainingTask.Targets(window, [3])[0]);
        }
    }

    [Fact]
    public void Cut_OneLineOfThousandsOfTokens_IsInEveryWindow()
    {
        string code = "int[] a = {" + string.Join(",", Enumerable.Range(0, 2500)) + "};";
        foreach (int length in new[] { 16, 128, 512 })
        {
            IReadOnlyList<LineWindow> windows = LineWindow.Cut(code, Language.CSharp, Samples.Tokenizer, length);
            Check(Language.CSharp, code, Samples.Tokenizer, length);
            Assert.True(windows.Count > 5000 / length);
            Assert.All(windows, window => Assert.Equal(0, Assert.Single(window.Lines).Line));
        }
    }

    [Fact]
    public void Cut_ThreeThousandLines_LosesNoLineAndBeginsWindowsAtLines()
    {
        string code = "void F()\n{\n" + string.Concat(Enumerable.Range(0, 3000).Select(i => $"    a{i} = b + {i};\n")) + "}";
        HashSet<int> lines = Check(Language.CSharp, code, Samples.Tokenizer, 256);
        Assert.Equal([0, .. Enumerable.Range(2, 3000)], lines.Order());

        // A whole line stands in at least one window.
        IReadOnlyList<LineWindow> windows = LineWindow.Cut(code, Language.CSharp, Samples.Tokenizer, 256);
        LineWindow single = LineWindow.Cut(code, Language.CSharp, Samples.Tokenizer, 1_000_000)[0];
        foreach (LineSpan whole in single.Lines)
        {
            int longest = windows.SelectMany(window => window.Lines).Where(line => line.Line == whole.Line).Max(line => line.End - line.Start);
            Assert.Equal(whole.End - whole.Start, longest);
        }
    }

    [Fact]
    public void Cut_RandomTexts_KeepsEveryTokenAndLine()
    {
        string[] pieces = ["\n", "\r\n", "    ", "\t", "a", "{", "}", ";", "\"s", "\"", "//c", "/*", "*/", "'", "\"\"\"", "\n\n", " = ", "0x1f", "\u00e9", "(", ")", "#", "\\"];
        SeededRandom random = new(5);
        for (int i = 0; i < 300; i++)
        {
            string code = string.Concat(Enumerable.Range(0, 1 + random.NextInt(60)).Select(_ => pieces[random.NextInt(pieces.Length)]));
            Check((Language)random.NextInt(7), code, i % 2 == 0 ? s_tokenizer : Samples.Tokenizer, 3 + random.NextInt(40));
        }
    }

    [Fact]
    public void Cut_NoRoomForAToken_IsRefused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => LineWindow.Cut("a;", Language.CSharp, Samples.Tokenizer, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => FunctionTokens.Cut("a;", Samples.Tokenizer, 2));
    }

    [Fact]
    public void Features_CountWhatIsOnTheLine()
    {
        LineFeatures features = LineFeatures.Of("f(a, 1) + \"s\";\n// no\nb;", Language.CSharp);
        Assert.Equal(3, features.Lines);
        Assert.All(Enumerable.Range(0, 3), line => Assert.Equal(LineFeatures.Width, features.Of(line).Length));
        Assert.Equal([0, 0, 0, 0, 0, 1f / 3], features.Of(1));
        Assert.True(features.Of(0)[1] > features.Of(2)[1]);
        Assert.Equal(MathF.Log(3) / 3, features.Of(0)[4]);  // two literals
    }

    /// <summary>Checks what holds for every text, and returns the lines in the windows.</summary>
    private static HashSet<int> Check(Language language, string code, ITokenizer tokenizer, int length)
    {
        IReadOnlyList<LineWindow> windows = LineWindow.Cut(code, language, tokenizer, length);
        int[] all = tokenizer.Encode(code, EncodeOptions.Plain).Ids;
        List<int> joined = [];
        int covered = 0;
        foreach (LineWindow window in windows)
        {
            Assert.InRange(window.Ids.Length, 2, length);
            Assert.Equal(tokenizer.StartId, window.Ids[0]);
            Assert.Equal(tokenizer.EndId, window.Ids[^1]);
            int[] inner = window.Ids[1..^1];

            // The window stands somewhere in the function, begins where the covered part ends or before, and brings something new.
            int at = Enumerable.Range(Math.Max(0, covered - inner.Length), Math.Min(covered, inner.Length) + 1).Last(start => all.AsSpan(start).StartsWith(inner));
            covered = at + inner.Length;
            Assert.All(window.Lines, line => Assert.True(line.Start >= 1 && line.Start < line.End && line.End <= window.Ids.Length - 1));
            Assert.Equal(window.Lines.Select(line => line.Line).Distinct().Order(), window.Lines.Select(line => line.Line));
        }

        Assert.Equal(all.Length, covered);
        LineFeatures features = LineFeatures.Of(code, language);
        HashSet<int> lines = [.. windows.SelectMany(window => window.Lines).Select(line => line.Line)];
        Assert.Equal(Enumerable.Range(0, features.Lines).Where(features.IsCandidate), lines.Order());
        return lines;
    }
}
