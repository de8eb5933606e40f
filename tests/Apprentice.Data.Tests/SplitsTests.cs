using Apprentice.Testing;

namespace Apprentice.Data.Tests;

public sealed class SplitsTests
{
    private static readonly FaultExample[] s_rows =
    [
        .. Enumerable.Range(0, 500).Select(i => new FaultExample { Id = $"r{i}", Language = i % 10 == 0 ? "c" : i % 10 < 4 ? "java" : "python", Code = "x", ProjectOrProblem = $"p{i % 60}" }),
    ];

    [Fact]
    public void StratifiedSubset_AnyCount_KeepsTheMixWithinOneRow()
    {
        for (int count = 0; count <= 500; count += 7)
        {
            IReadOnlyList<FaultExample> subset = Splits.StratifiedSubset(s_rows, count, seed: 3);
            Assert.Equal(count, subset.Count);
            Assert.InRange(subset.Count(row => row.Language == "c"), Math.Floor(count * 0.1) - 1, Math.Ceiling(count * 0.1) + 1);
            Assert.InRange(subset.Count(row => row.Language == "java"), Math.Floor(count * 0.3) - 1, Math.Ceiling(count * 0.3) + 1);
        }
    }

    [Fact]
    public void StratifiedSubset_SmallerCount_LiesInsideTheLarger()
    {
        HashSet<string> large = [.. Splits.StratifiedSubset(s_rows, 200, seed: 3).Select(row => row.Id)];
        Assert.All(Splits.StratifiedSubset(s_rows, 50, seed: 3), row => Assert.Contains(row.Id, large));
    }

    [Fact]
    public void StratifiedSubset_OrderOfRows_DoesNotMatterSeedDoes()
    {
        string[] ids = [.. Splits.StratifiedSubset(s_rows, 50, seed: 3).Select(row => row.Id).Order()];
        Assert.Equal(ids, Splits.StratifiedSubset(s_rows.Reverse(), 50, seed: 3).Select(row => row.Id).Order());
        Assert.NotEqual(ids, Splits.StratifiedSubset(s_rows, 50, seed: 4).Select(row => row.Id).Order());
        Assert.Equal(500, Splits.StratifiedSubset(s_rows, 5000, seed: 3).Count);
    }

    [Fact]
    public void ByGroup_Groups_AreNeverShared()
    {
        IReadOnlyList<IReadOnlyList<FaultExample>> parts = Splits.ByGroup(s_rows, row => row.ProjectOrProblem, [8, 1, 1], seed: 1);
        Assert.Equal(s_rows.Length, parts.Sum(part => part.Count));
        string[] groups = [.. parts.SelectMany(part => part.Select(row => row.ProjectOrProblem).Distinct())];
        Assert.Equal(groups.Length, groups.Distinct().Count());
        Assert.InRange(parts[0].Count, 300, 490);
        Assert.Throws<ArgumentException>(() => Splits.ByGroup(s_rows, row => row.Id, [0, 0], seed: 1));
    }

    [Fact]
    public async Task StratifiedSubset_PublicData_HasEveryLanguage()
    {
        List<FaultExample> rows = await FaultDataset.ReadAllAsync(SharedFiles.Require("data/fl.mined.valid.jsonl.gz"));
        Assert.Equal(5, Splits.StratifiedSubset(rows, 50, seed: 1).Select(row => row.Language).Distinct().Count());
    }
}
