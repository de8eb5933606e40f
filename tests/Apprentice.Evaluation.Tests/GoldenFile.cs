using System.Text.Json;
using Apprentice.Testing;

namespace Apprentice.Evaluation.Tests;

/// <summary>Reference values of metrics and statistics, made with scikit-learn and SciPy.</summary>
internal static class GoldenFile
{
    /// <summary>Double arithmetic in another order; the reference values state this tolerance.</summary>
    public const double Tolerance = 1e-12;

    public static JsonElement Read(string name)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(SharedFiles.Require($"golden/metrics/{name}.json")));
        return document.RootElement.Clone();
    }

    public static double[] Doubles(this JsonElement element) => [.. element.EnumerateArray().Select(value => value.GetDouble())];

    public static int[] Integers(this JsonElement element) => [.. element.EnumerateArray().Select(value => value.GetInt32())];

    /// <summary>Checks a value; null in the file means undefined.</summary>
    public static void Check(JsonElement expected, double actual, string what)
    {
        if (expected.ValueKind == JsonValueKind.Null)
        {
            Assert.True(double.IsNaN(actual), $"{what}: expected undefined, found {actual}");
            return;
        }

        double value = expected.GetDouble();
        Assert.True(Math.Abs(value - actual) <= Tolerance * Math.Max(Math.Abs(value), 1e-3), $"{what}: expected {value:R}, found {actual:R}");
    }
}
