namespace Apprentice.Evaluation;

/// <summary>A value with its interval.</summary>
/// <param name="Value">The value on the data as they are; NaN when undefined, for example an AUC without clean functions.</param>
/// <param name="Low">Lower end of the interval; NaN when undefined.</param>
/// <param name="High">Upper end of the interval; NaN when undefined.</param>
public readonly record struct Estimate(double Value, double Low, double High)
{
    /// <summary>A value without an interval.</summary>
    /// <param name="value">The value.</param>
    public static Estimate Exact(double value) => new(value, double.NaN, double.NaN);

    /// <summary>True when the value exists.</summary>
    public bool IsDefined => !double.IsNaN(Value);
}

/// <summary>One metric's estimate.</summary>
/// <param name="Metric">What was measured.</param>
/// <param name="Estimate">Value and interval.</param>
public sealed record MetricValue(Metric Metric, Estimate Estimate);

/// <summary>The metrics of one report or group, in display order.</summary>
public sealed class MetricValues : IReadOnlyList<MetricValue>
{
    private readonly IReadOnlyList<MetricValue> _values;

    /// <summary>Keeps the values in the order given.</summary>
    /// <param name="values">One value for each metric.</param>
    public MetricValues(IReadOnlyList<MetricValue> values) => _values = values;

    /// <inheritdoc/>
    public int Count => _values.Count;

    /// <inheritdoc/>
    public MetricValue this[int index] => _values[index];

    /// <summary>The estimate of a metric.</summary>
    /// <param name="metric">A metric that the report holds.</param>
    /// <exception cref="KeyNotFoundException">The report does not hold it.</exception>
    public Estimate this[Metric metric] =>
        _values.FirstOrDefault(value => value.Metric == metric)?.Estimate
        ?? throw new KeyNotFoundException($"No metric '{metric.Name}' here; there are {string.Join(", ", _values.Select(value => value.Metric.Name))}.");

    /// <summary>True when the metric was measured.</summary>
    /// <param name="metric">Any metric.</param>
    public bool Has(Metric metric) => _values.Any(value => value.Metric == metric);

    /// <inheritdoc/>
    public IEnumerator<MetricValue> GetEnumerator() => _values.GetEnumerator();

    System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
}
