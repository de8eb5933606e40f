using Apprentice.Code;
using Apprentice.Compute;
using Apprentice.Training;

namespace Apprentice.Scanning.Tests;

public sealed class CloneSearchTests
{
    private const string Sum = "def total(values):\n    result = 0\n    for value in values:\n        result += value\n    return result\n";
    private const string SumReformatted = "def total(values):\n\n    result = 0  # start\n    for value in values:\n        result   += value\n    return result\n";
    private const string SumRenamed = "def add(xs):\n    s = 1\n    for x in xs:\n        s += x\n    return s\n";
    private const string Other = "def walk(node):\n    while node is not None:\n        yield node\n        node = node.next\n    return\n";
    private const string Short = "def one():\n    return 1\n";

    // Above every cosine of different texts: only what the text says counts.
    private const double TextOnly = 1;

    [Fact]
    public void Find_EqualTokens_AreExact()
    {
        CloneClass found = Assert.Single(Find(TextOnly, ("a.py", Sum), ("b.py", SumReformatted), ("c.py", Other), ("d.py", Short)).Classes);
        Assert.Equal(CloneKind.Exact, found.Kind);
        Assert.Equal(["a.py:1-5", "b.py:1-6"], found.Members.Select(member => $"{member.Path}:{member.StartLine}-{member.EndLine}"));
        Assert.Equal(6, found.RepeatedLines);
    }

    [Fact]
    public void Find_RenamedCopy_TellsItFromAnExactOne()
    {
        CloneClass found = Assert.Single(Find(TextOnly, ("a.py", Sum), ("b.py", SumReformatted), ("c.py", SumRenamed)).Classes);
        Assert.Equal(CloneKind.Renamed, found.Kind);
        Assert.Equal([CloneKind.Exact, CloneKind.Exact, CloneKind.Renamed], found.Members.Select(member => member.Kind));
    }

    [Fact]
    public void Find_SameTextInOtherLanguage_IsNoTextClone() =>
        Assert.DoesNotContain(
            Find(TextOnly, ("a.c", "int f(int a)\n{\n    a++;\n    a--;\n    return a;\n}\n"), ("b.cpp", "int f(int a)\n{\n    a++;\n    a--;\n    return a;\n}\n")).Classes,
            one => one.Kind != CloneKind.Semantic);

    [Fact]
    public void Find_LowThreshold_GroupsByVectorAndKeepsCopiesTogether()
    {
        CloneSearchResult result = Find(0.001, ("a.py", Sum), ("b.py", Sum), ("c.py", Other));
        CloneClass found = Assert.Single(result.Classes);
        Assert.Equal(CloneKind.Semantic, found.Kind);
        Assert.Equal([CloneKind.Exact, CloneKind.Exact, CloneKind.Semantic], found.Members.Select(member => member.Kind));
        Assert.InRange(found.Similarity, 0.001, 1);
        Assert.Equal(found.Similarity, found.Members[2].Similarity, 5);
    }

    [Fact]
    public void Find_ManyFunctions_AgreesWithAllPairs()
    {
        // More than one block of rows; bodies differ in shape, so that no two share a vector.
        (string, string)[] files = [.. Enumerable.Range(0, 300).Select(i =>
            ($"f{i:000}.py", $"def f(a):\n    b = a\n{string.Concat(Enumerable.Range(0, 9).Select(bit => (i >> bit & 1) == 1 ? "    b += a\n" : "    a = b\n"))}    return b\n"))];
        using TaskModel model = TinyModel.Create();
        List<float[]> vectors = [.. CloneDetector.Embed(model, files.Select(file => file.Item2.TrimEnd('\n')), Workers.Single)];
        List<double> cosines = [];
        for (int i = 0; i < vectors.Count; i++)
        {
            for (int j = 0; j < i; j++)
            {
                cosines.Add(CloneDetector.Cosine(vectors[i], vectors[j]));
            }
        }

        cosines.Sort();
        double threshold = cosines[^40];
        CloneSearchResult result = Find(threshold, files);
        Assert.False(result.PairsCut);
        Assert.NotEmpty(result.Classes);
        Assert.All(result.Classes, one => Assert.True(one.Similarity >= threshold - 1e-4));
        Assert.Contains(result.Classes, one => Math.Abs(one.Similarity - cosines[^1]) < 1e-4 || one.Members.Count > 2);
    }

    [Fact]
    public void Find_Settings_AreReported()
    {
        CloneSearchResult result = Find(TextOnly, ("a.py", Sum), ("b.py", Short), ("c.py", $"def big():\n{string.Concat(Enumerable.Repeat("    x = 1\n", 3000))}"));
        Assert.Equal((2, 1, 1), (result.Functions, result.ShortFunctions, result.LongFunctions));
        Assert.Empty(result.Classes);
    }

    [Fact]
    public void Find_NoFunctions_GivesNothing() => Assert.Empty(Find(0.5).Classes);

    [Fact]
    public void Find_PairHead_IsRefused()
    {
        using TaskModel model = TinyModel.Create(new TaskSettings { Task = "clone-detection", CloneHead = "pair" });
        Assert.Contains("pair head", Assert.Throws<TrainingException>(() => new CloneSearch(new CloneSearchOptions()).Find(model, Workers.Single)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Problems_BadSettings_AreAllTold() =>
        Assert.Equal(3, new CloneSearchOptions { Threshold = 1.5, MinimumLines = 0, MostPairs = 0 }.Problems().Count());

    private static CloneSearchResult Find(double threshold, params (string Path, string Text)[] files)
    {
        CloneSearch search = new(new CloneSearchOptions { Threshold = threshold });
        foreach ((string path, string text) in files)
        {
            search.Add(new SourceText(path, Languages.FromPath(path)!.Value, text)); // The tests' endings are known.
        }

        using TaskModel model = TinyModel.Create();
        return search.Find(model, Workers.Single);
    }
}
