using System.Text.Json;
using Apprentice.Testing;

namespace Apprentice.Code.Tests;

public sealed class EditDistanceTests
{
    [Fact]
    public void Of_GoldenPairs_EqualsTheirDistance()
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(SharedFiles.Require("golden/metrics/text.json")));
        foreach (JsonElement row in document.RootElement.GetProperty("levenshtein").GetProperty("cases").EnumerateArray())
        {
            Assert.Equal(row[2].GetInt32(), EditDistance.Of(row[0].GetString()!, row[1].GetString()!));
        }
    }

    [Fact]
    public void Compute_RandomSequences_EqualsReference()
    {
        Random random = new(7);
        for (int round = 0; round < 300; round++)
        {
            int[] a = [.. Enumerable.Range(0, random.Next(200)).Select(_ => random.Next(1 + (round % 7)))];
            int[] b = [.. Enumerable.Range(0, random.Next(200)).Select(_ => random.Next(1 + (round % 7)))];
            Assert.Equal(EditDistance.Reference(a, b), EditDistance.Compute(a, b));
        }
    }

    [Fact]
    public void Of_TokenSequences_CountsTokens()
    {
        Assert.Equal(1, EditDistance.OfTokens(Language.Java, "a = bcd + 1; // x", "a = efghi + 1;"));
        Assert.Equal(2, EditDistance.Of(["a", "b"], ["b", "c"]));
        Assert.Equal(1, EditDistance.Of("\uD800", "x"));
    }

    [Fact]
    public void Of_LongestFunctions_IsFast()
    {
        string a = string.Concat(Enumerable.Range(0, 4000).Select(i => (char)('a' + (i * i % 23)) + "bc "));
        string b = string.Concat(Enumerable.Range(0, 4000).Select(i => (char)('a' + (i * 7 % 25)) + "cd "));
        System.Diagnostics.Stopwatch watch = System.Diagnostics.Stopwatch.StartNew();
        Assert.InRange(EditDistance.Of(a, b), 1, 16000);
        Assert.True(watch.Elapsed.TotalSeconds < 2, $"{watch.Elapsed.TotalSeconds} s for 16,000 characters");
    }
}
