using Apprentice.Code;
using Apprentice.Compute;
using Apprentice.Training;

namespace Apprentice.Scanning.Tests;

public sealed class LocalizationTests
{
    private const string TwoFunctions = """
        import os

        def first(values):
            total = 0
            for value in values:
                total += value
            return total


        class Thing:
            def second(self, n):
                if n > 0:
                    return n - 1
                return n
        """;

    [Fact]
    public void Rank_TwoFunctions_ScoresEveryLineOfCodeOnce()
    {
        FileLocalization result = Rank(Language.Python, TwoFunctions, top: 100);
        Assert.Equal(2, result.Functions);
        Assert.Equal([3, 4, 5, 6, 7, 11, 12, 13, 14], result.Lines.Select(line => line.Line).Order());
        Assert.All(result.Lines, line => Assert.Equal(TwoFunctions.Split('\n')[line.Line - 1], line.Text));
        Assert.All(result.Lines, line => Assert.Equal(line.Line < 8 ? "first" : "second", line.Function));
        Assert.Equal(result.Lines.OrderByDescending(line => line.Score), result.Lines);

        // The lines of a function share its fault probability.
        foreach (IGrouping<string, SuspiciousLine> function in result.Lines.GroupBy(line => line.Function))
        {
            Assert.Equal(function.First().FaultProbability, function.Sum(line => line.Score), 5);
        }
    }

    [Fact]
    public void Rank_CarriageReturns_ChangeNothing() => Assert.Equal(
        Rank(Language.Python, TwoFunctions, 5).Lines,
        RankBytes(Language.Python, TwoFunctions.Replace("\n", "\r\n", StringComparison.Ordinal), 5).Lines);

    [Theory]
    [InlineData("", "is empty")]
    [InlineData("  \n\n", "is empty")]
    [InlineData("# only a comment\n", "no code")]
    public void Rank_NothingToScore_SaysSo(string text, string note)
    {
        FileLocalization result = Rank(Language.Python, text, 10);
        Assert.Empty(result.Lines);
        Assert.Contains(note, Assert.Single(result.Notes), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("total = 0\ntotal += 1\n")]
    [InlineData("%$§\"!( unbalanced ]]} '''\n\u0001\u0002 ~~~\n")]
    [InlineData("def (((:\n  return\n")]
    [InlineData("\ud800 lone surrogate")]
    public void Rank_FragmentOrGarbage_IsScoredAsOne(string text)
    {
        foreach (Language language in Languages.All)
        {
            FileLocalization result = Rank(language, text, 10);
            Assert.All(result.Lines, line => Assert.InRange(line.Score, 0, 1));
            Assert.True(result.Lines.Count > 0 || result.Notes.Count > 0, $"{language} says nothing");
        }
    }

    [Fact]
    public void Rank_HugeFunction_IsScoredInPieces()
    {
        string text = $"int f(int x)\n{{\n{string.Concat(Enumerable.Range(0, 3000).Select(i => $"    x += {i};\n"))}    return x;\n}}\n";
        FileLocalization result = Rank(Language.C, text, 100_000);
        Assert.Contains(result.Notes, note => note.Contains("pieces", StringComparison.Ordinal));
        Assert.Equal(3002, result.Lines.Count);
    }

    [Fact]
    public void Rank_HugeLine_IsNotScoredButTold()
    {
        string text = $"function f() {{\n  var a = 1;\n  var b = \"{new string('x', 500_000)}\";\n  return a + b;\n}}\n";
        FileLocalization result = Rank(Language.JavaScript, text, 100);
        Assert.Contains(result.Notes, note => note.StartsWith("line 3 has 500,0", StringComparison.Ordinal));
        Assert.DoesNotContain(result.Lines, line => line.Line == 3);
        Assert.Contains(result.Lines, line => line.Line == 4);
    }

    [Fact]
    public void Rank_Script_SaysHowMuchStandsOutside()
    {
        string text = string.Concat(Enumerable.Repeat("print(1)\n", 20)) + "def f():\n    return 1\n";
        Assert.Contains(Rank(Language.Python, text, 5).Notes, note => note.StartsWith("20 of 22 lines stand outside", StringComparison.Ordinal));
    }

    [Fact]
    public void Rank_CloneModel_IsRefused()
    {
        using TaskModel model = TinyModel.Create(new TaskSettings { Task = "clone-detection" });
        Assert.Throws<TrainingException>(() => Localization.Rank(model, new SourceText("a.py", Language.Python, TwoFunctions), 5, Workers.Single));
    }

    private static FileLocalization RankBytes(Language language, string text, int top)
    {
        using TaskModel model = TinyModel.Create();
        return Localization.Rank(model, SourceText.Decode("file", System.Text.Encoding.UTF8.GetBytes(text), language).Source!, top, Workers.Single); // UTF-8 is text.
    }

    private static FileLocalization Rank(Language language, string text, int top)
    {
        using TaskModel model = TinyModel.Create();
        return Localization.Rank(model, new SourceText("file", language, text), top, Workers.Single);
    }
}
