using Apprentice.Code;
using Apprentice.Testing;

namespace Apprentice.Data.Tests;

public sealed class DuplicatesTests
{
    private const string Sum = """
        static int SumOfPositive(int[] values, int limit)
        {
            int total = 0;
            foreach (int value in values)
            {
                if (value > 0 && value < limit)
                {
                    total += value * 2;
                }
            }
            Console.WriteLine("sum " + total);
            return total;
        }
        """;

    [Theory]
    [InlineData("same", DuplicateKind.Exact)]
    [InlineData("spaced", DuplicateKind.Exact)]
    [InlineData("commented", DuplicateKind.Exact)]
    [InlineData("renamed", DuplicateKind.Renamed)]
    [InlineData("literal", DuplicateKind.Renamed)]
    [InlineData("edited", DuplicateKind.Near)]
    [InlineData("swapped", null)]
    [InlineData("other", null)]
    public void Find_ChangedCopy_IsRecognisedByItsKind(string change, DuplicateKind? expected)
    {
        string code = change switch
        {
            "same" => Sum,
            "spaced" => Sum.Replace("    ", "\t").Replace("\n", "\r\n"),
            "commented" => "// Adds up.\n" + Sum,
            "renamed" => Sum.Replace("total", "acc").Replace("SumOfPositive", "F"),
            "literal" => Sum.Replace("\"sum \"", "\"Total: \""),
            "edited" => Sum.Replace("return total;", "return total + limit;"),

            // Swapping two of three names is no renaming.
            "swapped" => "static int G(int a, int b) { return a * b + a; }",
            _ => "static string Join(string[] parts) { StringBuilder text = new(); for (int i = 0; i < parts.Length; i++) text.Append(parts[i]); return text.ToString(); }",
        };
        string original = change == "swapped" ? "static int G(int a, int b) { return b * a + b + 1; }" : Sum;
        DuplicateIndex index = new();
        index.Add(new CodeItem("first", Language.CSharp, original));
        Duplicate? found = index.Find(new CodeItem("second", Language.CSharp, code));
        Assert.Equal(expected, found?.Kind);
        if (found is not null)
        {
            Assert.Equal("first", found.OfId);
            Assert.InRange(found.Similarity, 0.8, 1);
            Assert.Contains("first", found.Reason, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("def f(a):\n    return g('x', a)\n", "def f(a):\n    \"\"\"Does f.\n\n    More.\"\"\"\n    return g('x', a)  # done\n", true)]
    [InlineData("def f(a):\n    return g(\n        'x',\n        a)\n", "def f(a):\n    return g(\n        'y',\n        a)\n", false)]
    [InlineData("def f(a):\n    return (\n        'x'\n    )\n", "def f(a):\n    return (\n        'y'\n    )\n", false)]
    public void Find_PythonDocumentationString_DoesNotCountOtherStringsDo(string first, string second, bool exact)
    {
        DuplicateIndex index = new();
        index.Add(new CodeItem("a", Language.Python, first));
        Assert.Equal(exact ? DuplicateKind.Exact : DuplicateKind.Renamed, index.Find(new CodeItem("b", Language.Python, second))?.Kind);
    }

    [Fact]
    public void Within_Group_CountsEqualTokensOnly()
    {
        CodeItem Item(string id, string code, string? group) => new(id, Language.CSharp, code, group);
        string fault = Sum.Replace("> 0", ">= 0");
        IReadOnlyList<Duplicate> found = Duplicates.Within(
        [
            Item("a", Sum, "seed"),
            Item("b", fault, "seed"),
            Item("c", " " + fault, "seed"),
            Item("d", fault.Replace("total", "t"), "other seed"),
        ]);
        Assert.Equal([("c", "b", DuplicateKind.Exact), ("d", "b", DuplicateKind.Renamed)], found.Select(item => (item.Id, item.OfId, item.Kind)));
    }

    [Fact]
    public void Against_OtherSet_LooksOnlyThere()
    {
        CodeItem[] rows = [new("a", Language.CSharp, Sum), new("b", Language.CSharp, Sum)];
        Assert.Empty(Duplicates.Against(rows, []));
        Assert.Equal(["a", "b"], Duplicates.Against(rows, [new CodeItem("x", Language.CSharp, Sum)]).Select(item => item.Id));
        Assert.Single(Duplicates.Within(rows));
    }

    [Fact]
    public void Find_SimilarityNearTheThreshold_IsExactNotEstimated()
    {
        DuplicateOptions options = new() { NearThreshold = 0.5, Bands = 60, RowsPerBand = 2 };
        DuplicateIndex index = new(options);
        index.Add(new CodeItem("a", Language.CSharp, Sum));
        string edited = Sum.Replace("value * 2", "limit - value");
        Duplicate found = index.Find(new CodeItem("b", Language.CSharp, edited))!;
        Assert.Equal(DuplicateKind.Near, found.Kind);
        Assert.Null(Of(found.Similarity + 1e-9));
        Assert.NotNull(Of(found.Similarity));

        Duplicate? Of(double threshold)
        {
            DuplicateIndex other = new(options with { NearThreshold = threshold });
            other.Add(new CodeItem("a", Language.CSharp, Sum));
            return other.Find(new CodeItem("b", Language.CSharp, edited));
        }
    }

    [Fact]
    public async Task Within_PublicData_FindsFewAndAllPlantedCopies()
    {
        List<CodeItem> rows = [];
        await foreach (FaultExample row in FaultDataset.ReadAsync(SharedFiles.Require("data/fl.mined.valid.jsonl.gz")))
        {
            rows.Add(CodeItem.Of(row).First());
        }

        IReadOnlyList<Duplicate> found = Duplicates.Within(rows);
        TestContext.Current.TestOutputHelper?.WriteLine($"{rows.Count} rows: {string.Join(", ", found.GroupBy(item => item.Kind).Select(group => $"{group.Key} {group.Count()}"))}");
        Assert.InRange(found.Count, 0, rows.Count * 0.15);
        Assert.Equal(rows.Count, Duplicates.Against(rows.Select(row => row with { Id = row.Id + "-copy", Code = "\n" + row.Code }), rows).Count(item => item.Kind == DuplicateKind.Exact));
    }

    [Fact]
    public void Constructor_BadOptions_AreRefused() =>
        Assert.Throws<ArgumentException>(() => new DuplicateIndex(new DuplicateOptions { Bands = 0 }));
}
