namespace Apprentice.Evaluation;

/// <summary>A metric and the figure that measures it on some items.</summary>
/// <param name="Metric">What is measured.</param>
/// <param name="Statistic">How it is computed.</param>
internal sealed record MeasuredStatistic(Metric Metric, IWeightedStatistic Statistic);

/// <summary>Turns statistics into reported values.</summary>
internal static class Measuring
{
    public static MetricValues Measure(IReadOnlyList<MeasuredStatistic> statistics, EvaluationOptions options, IReadOnlyList<string> projects)
    {
        Estimate[] estimates = Bootstrap.Intervals([.. statistics.Select(entry => entry.Statistic)], options.Resampling, Groups(options, projects));
        return new MetricValues([.. statistics.Select((entry, i) => new MetricValue(entry.Metric, estimates[i]))]);
    }

    public static int[]? Groups(EvaluationOptions options, IReadOnlyList<string> projects)
    {
        if (!options.ResampleProjects)
        {
            return null;
        }

        Dictionary<string, int> numbers = new(StringComparer.Ordinal);
        return [.. projects.Select(project =>
        {
            numbers.TryAdd(project, numbers.Count);
            return numbers[project];
        })];
    }

    /// <summary>The items of each value of each dimension, largest first.</summary>
    public static IEnumerable<(string Dimension, string Name, int[] Items)> Split(int items, IReadOnlyList<(string Dimension, Func<int, string?> Key)> dimensions)
    {
        foreach ((string dimension, Func<int, string?> key) in dimensions)
        {
            var groups = Enumerable.Range(0, items)
                .Select(i => (Item: i, Key: key(i)))
                .Where(entry => entry.Key is not null)
                .GroupBy(entry => entry.Key!, StringComparer.Ordinal) // Just filtered.
                .OrderByDescending(group => group.Count())
                .ThenBy(group => group.Key, StringComparer.Ordinal);
            foreach (var group in groups)
            {
                yield return (dimension, group.Key, [.. group.Select(entry => entry.Item)]);
            }
        }
    }

    public static void CheckRuns(int runs)
    {
        if (runs == 0)
        {
            throw new ArgumentException("There are no predictions; expected one list for each run.");
        }
    }
}
