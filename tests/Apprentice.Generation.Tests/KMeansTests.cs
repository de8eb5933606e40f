using System.Text.Json;
using Apprentice.Testing;

namespace Apprentice.Generation.Tests;

public sealed class KMeansTests
{
    /// <summary>Double sums in another order than the reference's.</summary>
    private const double Tolerance = 1e-12;

    [Fact]
    public void FitFrom_GoldenPoints_EqualsTheOriginal()
    {
        using JsonDocument golden = JsonDocument.Parse(File.ReadAllText(SharedFiles.Require("golden/metrics/kmeans.json")));
        double[][] Read(string key) => [.. golden.RootElement.GetProperty(key).EnumerateArray().Select(p => p.EnumerateArray().Select(x => x.GetDouble()).ToArray())];
        int[] Integers(string key) => [.. golden.RootElement.GetProperty(key).EnumerateArray().Select(x => x.GetInt32())];
        double[][] points = Read("points");
        Clustering clustering = KMeans.FitFrom(points, Read("initial"));
        Assert.Equal(Integers("assignment"), clustering.Assignment);
        Assert.Equal(golden.RootElement.GetProperty("inertia").GetDouble(), clustering.Inertia, Tolerance * clustering.Inertia);
        foreach ((double[] expected, double[] actual) in Read("final").Zip(clustering.Centroids))
        {
            Assert.All(expected.Zip(actual), p => Assert.Equal(p.First, p.Second, Tolerance));
        }

        Assert.Equal(Integers("closest_member"), KMeans.ClosestMembers(points, clustering));

        // The best of ten starts is at least as good as the golden run, and the same each time.
        Clustering fitted = KMeans.Fit(points, 3, seed: 42);
        Assert.True(fitted.Inertia <= clustering.Inertia + Tolerance);
        Assert.Equal(fitted.Assignment, KMeans.Fit(points, 3, seed: 42).Assignment);
    }

    [Fact]
    public void Fit_OddInput_IsRefusedOrHandled()
    {
        Assert.Throws<ArgumentException>(() => KMeans.Fit([[1d], [2d]], 3, 1));
        Assert.Throws<ArgumentException>(() => KMeans.Fit([[1d], [2d, 3d]], 1, 1));
        Clustering same = KMeans.Fit([[1d], [1d], [1d]], 2, 1);
        Assert.Equal(0, same.Inertia);
    }
}
