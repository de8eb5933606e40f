using System.Text.Json.Serialization;
using Apprentice.Evaluation;

namespace Apprentice.Workspace;

internal sealed record EvaluationDocument(
    int FormatVersion, string Task, string Data, int Rows, int Positives, IReadOnlyList<ScoredArmDto> Scored, IReadOnlyList<ComparisonDto> Comparisons);

internal sealed record ScoredArmDto(string Name, bool Baseline, double? Threshold, IReadOnlyDictionary<string, EstimateDto> Metrics, IReadOnlyList<GroupDto> Groups);

internal sealed record GroupDto(string Dimension, string Name, int Rows, IReadOnlyDictionary<string, EstimateDto> Metrics);

internal sealed record EstimateDto(double? Value, double? Low, double? High)
{
    // JSON has no NaN: what is undefined is null.
    public static EstimateDto Of(Estimate estimate) => new(Finite(estimate.Value), Finite(estimate.Low), Finite(estimate.High));

    public static double? Finite(double value) => double.IsFinite(value) ? value : null;
}

internal sealed record ComparisonDocument(int FormatVersion, string Task, string Data, ComparisonDto Comparison);

internal sealed record ComparisonDto(string First, string Second, int Rows, IReadOnlyList<DifferenceDto> Differences)
{
    public static ComparisonDto Of(string first, string second, ComparisonReport report, Func<Metric, bool>? without = null) => new(
        first, second, report.Items,
        [.. report.Differences.Where(difference => without?.Invoke(difference.Metric) != true).Select(difference => new DifferenceDto(
            difference.Metric.Name, EstimateDto.Of(difference.First), EstimateDto.Of(difference.Second), EstimateDto.Of(difference.Difference),
            EstimateDto.Finite(difference.P), difference.Test))]);
}

internal sealed record DifferenceDto(string Metric, EstimateDto First, EstimateDto Second, EstimateDto Difference, double? P, string Test);

/// <summary>As much of a data set's row as tells its task.</summary>
internal sealed record TaskRow([property: JsonPropertyName("task")] string? Task, [property: JsonPropertyName("code_a")] string? CodeA);

[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, NewLine = "\n")]
[JsonSerializable(typeof(EvaluationDocument))]
[JsonSerializable(typeof(ComparisonDocument))]
[JsonSerializable(typeof(TaskRow))]
internal sealed partial class EvaluatingJson : JsonSerializerContext;
