namespace Apprentice.Evaluation;

/// <summary>The metrics of some of the items.</summary>
/// <param name="Dimension">What the items have in common: <c>language</c>, <c>source</c>, <c>faulty line</c> or <c>function length</c>.</param>
/// <param name="Name">The common value, for example <c>java</c>.</param>
/// <param name="Items">Number of items in the group.</param>
/// <param name="Metrics">Values with intervals.</param>
public sealed record GroupMetrics(string Dimension, string Name, int Items, MetricValues Metrics);

/// <summary>How good predictions are: overall and by group, with intervals.</summary>
public sealed record EvaluationReport
{
    /// <summary><c>fault-localization</c>, <c>vulnerability-localization</c> or <c>clone-detection</c>.</summary>
    public required string Task { get; init; }

    /// <summary>Number of functions or pairs scored.</summary>
    public required int Items { get; init; }

    /// <summary>Number of items with a faulty line, or of clones.</summary>
    public required int Positives { get; init; }

    /// <summary>Number of runs (seeds) that were averaged within each item.</summary>
    public required int Runs { get; init; }

    /// <summary>Settings as used.</summary>
    public required EvaluationOptions Options { get; init; }

    /// <summary>Values over all items.</summary>
    public required MetricValues Overall { get; init; }

    /// <summary>Values by language, source and other groups, largest group of a dimension first.</summary>
    public required IReadOnlyList<GroupMetrics> Groups { get; init; }

    /// <summary>The groups of one dimension.</summary>
    /// <param name="dimension">For example <c>language</c>.</param>
    public IEnumerable<GroupMetrics> By(string dimension) => Groups.Where(group => group.Dimension == dimension);
}
