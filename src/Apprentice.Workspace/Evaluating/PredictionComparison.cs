using System.Text.Json;
using Apprentice.Data;
using Apprentice.Evaluation;

namespace Apprentice.Workspace;

/// <summary>The paired test between two prediction files.</summary>
/// <param name="Task">Task of the data.</param>
/// <param name="Data">Data file.</param>
/// <param name="First">First prediction file (before).</param>
/// <param name="Second">Second prediction file (after).</param>
/// <param name="Report">Differences, second minus first.</param>
public sealed record PredictionComparison(string Task, string Data, string First, string Second, ComparisonReport Report)
{
    /// <summary>Compares two prediction files over the rows of a data file; what kind of data it is, its first row tells.</summary>
    /// <param name="first">First prediction file (before).</param>
    /// <param name="second">Second prediction file (after).</param>
    /// <param name="data">File in the schema of docs/formats.md.</param>
    /// <param name="firstThreshold">What counts as positive in the first file.</param>
    /// <param name="secondThreshold">What counts as positive in the second file.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <exception cref="DatasetException">The data cannot be read.</exception>
    /// <exception cref="PredictionException">Predictions do not fit the data.</exception>
    public static async Task<PredictionComparison> RunAsync(
        string first, string second, string data, double firstThreshold = 0.5, double secondThreshold = 0.5, CancellationToken cancellationToken = default)
    {
        EvaluationOptions firstOptions = new() { Threshold = firstThreshold };
        EvaluationOptions secondOptions = new() { Threshold = secondThreshold };
        string kind = await KindAsync(data, cancellationToken).ConfigureAwait(false);
        if (kind == "clone-detection")
        {
            CloneTask task = new();
            List<ClonePair> rows = await task.ReadAsync(data, cancellationToken).ConfigureAwait(false);
            return new PredictionComparison(kind, data, first, second, Comparison.Compare(
                rows,
                [await task.ReadPredictionsAsync(first, rows, cancellationToken).ConfigureAwait(false)],
                [await task.ReadPredictionsAsync(second, rows, cancellationToken).ConfigureAwait(false)],
                firstOptions, secondOptions));
        }
        else
        {
            FaultTask task = new();
            List<FaultExample> rows = await task.ReadAsync(data, cancellationToken).ConfigureAwait(false);
            return new PredictionComparison(kind, data, first, second, Comparison.Compare(
                rows,
                [await task.ReadPredictionsAsync(first, rows, cancellationToken).ConfigureAwait(false)],
                [await task.ReadPredictionsAsync(second, rows, cancellationToken).ConfigureAwait(false)],
                firstOptions, secondOptions));
        }
    }

    /// <summary>The differences as a table.</summary>
    public ReportTable Table() => ReportTables.Differences($"{Task} on {Path.GetFileName(Data)}", Path.GetFileName(First), Path.GetFileName(Second), Report);

    /// <summary>The differences as one JSON document.</summary>
    public string ToJson() => JsonSerializer.Serialize(new ComparisonDocument(1, Task, Data, ComparisonDto.Of(First, Second, Report)), EvaluatingJson.Default.ComparisonDocument);

    private static async Task<string> KindAsync(string data, CancellationToken cancellationToken)
    {
        await foreach (JsonLine<TaskRow> row in JsonLines.ReadAsync(data, EvaluatingJson.Default.TaskRow, cancellationToken).ConfigureAwait(false))
        {
            return row.Value.CodeA is not null ? "clone-detection" : row.Value.Task ?? "fault-localization";
        }

        throw new DatasetException(data, null, "holds no rows.");
    }
}
