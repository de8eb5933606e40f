using System.IO.Compression;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Apprentice.Data;

namespace Apprentice.Evaluation;

/// <summary>Reads and writes prediction files: JSON Lines, UTF-8, plain or packed with gzip when the name ends in <c>.gz</c>.</summary>
/// <remarks>
/// A row of fault localization is <c>{"id": …, "line_scores": […], "fault_probability": …}</c>, a row of clone detection <c>{"id": …, "score": …}</c>.
/// Unknown fields are ignored, so that files may carry notes. JSON has no infinity: on writing, scores beyond ±1e30 are written as ±1e30.
/// </remarks>
public static class Predictions
{
    private const double Limit = 1e30;

    /// <summary>Writes fault localization predictions, replacing the file.</summary>
    /// <param name="path">Target file.</param>
    /// <param name="predictions">Rows, in the order to write.</param>
    /// <param name="cancellationToken">Stops between rows; the target is then left as it was.</param>
    /// <exception cref="ArgumentException">A score is NaN.</exception>
    public static Task WriteAsync(string path, IEnumerable<LinePrediction> predictions, CancellationToken cancellationToken = default) =>
        WriteRowsAsync(path, predictions.Select(ToRow), PredictionJson.Default.LinePredictionRow, cancellationToken);

    /// <summary>Writes clone detection predictions, replacing the file.</summary>
    /// <param name="path">Target file.</param>
    /// <param name="predictions">Rows, in the order to write.</param>
    /// <param name="cancellationToken">Stops between rows; the target is then left as it was.</param>
    /// <exception cref="ArgumentException">A score is NaN.</exception>
    public static Task WriteAsync(string path, IEnumerable<PairPrediction> predictions, CancellationToken cancellationToken = default) =>
        WriteRowsAsync(path, predictions.Select(ToRow), PredictionJson.Default.PairPredictionRow, cancellationToken);

    /// <summary>Reads fault localization predictions.</summary>
    /// <param name="path">File to read.</param>
    /// <param name="cancellationToken">Stops between rows.</param>
    /// <returns>All rows in file order. An absent <c>fault_probability</c> counts as 1: a localizer without a 'no fault' outcome.</returns>
    /// <exception cref="PredictionException">The file is absent, a row is not of the form above, or an id comes twice.</exception>
    public static async Task<IReadOnlyList<LinePrediction>> ReadLinesAsync(string path, CancellationToken cancellationToken = default)
    {
        List<LinePrediction> rows = [];
        HashSet<string> seen = [];
        await foreach ((int number, string text) in ReadTextAsync(path, cancellationToken).ConfigureAwait(false))
        {
            LinePredictionRow row = Parse(text, PredictionJson.Default.LinePredictionRow, path, number);
            string id = CheckId(row.Id, seen, path, number);
            if (row.LineScores is null)
            {
                throw new PredictionException(
                    $"row '{id}' has no \"line_scores\"; expected one number for each line of code. Are these clone detection predictions?", path, number);
            }

            double probability = row.FaultProbability ?? 1;
            if (!(probability is >= 0 and <= 1))
            {
                throw new PredictionException($"row '{id}' has fault_probability {probability}; expected 0 to 1.", path, number);
            }

            rows.Add(new LinePrediction(id, row.LineScores, probability));
        }

        return rows;
    }

    /// <summary>Reads clone detection predictions.</summary>
    /// <param name="path">File to read.</param>
    /// <param name="cancellationToken">Stops between rows.</param>
    /// <exception cref="PredictionException">The file is absent, a row is not of the form above, or an id comes twice.</exception>
    public static async Task<IReadOnlyList<PairPrediction>> ReadPairsAsync(string path, CancellationToken cancellationToken = default)
    {
        List<PairPrediction> rows = [];
        HashSet<string> seen = [];
        await foreach ((int number, string text) in ReadTextAsync(path, cancellationToken).ConfigureAwait(false))
        {
            PairPredictionRow row = Parse(text, PredictionJson.Default.PairPredictionRow, path, number);
            string id = CheckId(row.Id, seen, path, number);
            if (row.Score is not { } score)
            {
                throw new PredictionException($"row '{id}' has no \"score\". Are these fault localization predictions?", path, number);
            }

            rows.Add(new PairPrediction(id, score));
        }

        return rows;
    }

    /// <summary>Number of lines of a text split at <c>\n</c>: what <see cref="LinePrediction.LineScores"/> must count.</summary>
    /// <param name="code">Any text; the empty text has one line.</param>
    public static int LineCount(string code) => code.AsSpan().Count('\n') + 1;

    /// <summary>Predictions in the order of the examples, after checking that both belong together.</summary>
    /// <param name="examples">The data set.</param>
    /// <param name="predictions">One prediction for each example, in any order.</param>
    /// <param name="path">File of the predictions for messages, or null.</param>
    /// <exception cref="PredictionException">An id is missing, unknown or double, a line count differs, or a score is NaN.</exception>
    public static IReadOnlyList<LinePrediction> Align(IReadOnlyList<FaultExample> examples, IEnumerable<LinePrediction> predictions, string? path = null)
    {
        IReadOnlyList<LinePrediction> aligned = Align(examples, example => example.Id, predictions, prediction => prediction.Id, path);
        for (int i = 0; i < aligned.Count; i++)
        {
            int lines = LineCount(examples[i].Code);
            if (aligned[i].LineScores.Length != lines)
            {
                throw new PredictionException(
                    $"prediction '{aligned[i].Id}' has {aligned[i].LineScores.Length} line scores; its code has {lines} lines when split at \\n. Was the code changed, or split at \\r\\n?", path);
            }

            if (aligned[i].LineScores.Any(double.IsNaN))
            {
                throw new PredictionException($"prediction '{aligned[i].Id}' has a line score that is not a number (NaN).", path);
            }

            foreach (int line in examples[i].FaultyLines)
            {
                if (line < 1 || line > lines)
                {
                    throw new PredictionException($"example '{examples[i].Id}' names faulty line {line}; its code has {lines} lines.", path);
                }
            }
        }

        return aligned;
    }

    /// <summary>Predictions in the order of the pairs, after checking that both belong together.</summary>
    /// <param name="pairs">The data set.</param>
    /// <param name="predictions">One prediction for each pair, in any order.</param>
    /// <param name="path">File of the predictions for messages, or null.</param>
    /// <exception cref="PredictionException">An id is missing, unknown or double, or a score is NaN.</exception>
    public static IReadOnlyList<PairPrediction> Align(IReadOnlyList<ClonePair> pairs, IEnumerable<PairPrediction> predictions, string? path = null)
    {
        IReadOnlyList<PairPrediction> aligned = Align(pairs, pair => pair.Id, predictions, prediction => prediction.Id, path);
        return aligned.FirstOrDefault(prediction => double.IsNaN(prediction.Score)) is { } broken
            ? throw new PredictionException($"prediction '{broken.Id}' has a score that is not a number (NaN).", path)
            : aligned;
    }

    private static TPrediction[] Align<TExample, TPrediction>(
        IReadOnlyList<TExample> examples, Func<TExample, string> idOfExample, IEnumerable<TPrediction> predictions, Func<TPrediction, string> idOfPrediction, string? path)
        where TPrediction : class
    {
        Dictionary<string, int> places = new(examples.Count, StringComparer.Ordinal);
        for (int i = 0; i < examples.Count; i++)
        {
            if (!places.TryAdd(idOfExample(examples[i]), i))
            {
                throw new PredictionException($"the data set has id '{idOfExample(examples[i])}' twice; predictions cannot be told apart.", path);
            }
        }

        TPrediction?[] aligned = new TPrediction?[examples.Count];
        foreach (TPrediction prediction in predictions)
        {
            string id = idOfPrediction(prediction);
            if (!places.TryGetValue(id, out int place))
            {
                throw new PredictionException($"prediction '{id}' is not in the data set of {examples.Count} rows. Was it made for another file?", path);
            }

            if (aligned[place] is not null)
            {
                throw new PredictionException($"prediction '{id}' comes twice.", path);
            }

            aligned[place] = prediction;
        }

        int missing = aligned.Count(prediction => prediction is null);
        if (missing > 0)
        {
            string first = idOfExample(examples[Array.FindIndex(aligned, prediction => prediction is null)]);
            throw new PredictionException($"{missing} of {examples.Count} rows of the data set have no prediction, the first is '{first}'.", path);
        }

        // Every place was just found filled.
        return aligned!;
    }

    private static LinePredictionRow ToRow(LinePrediction prediction) =>
        new(prediction.Id, Array.ConvertAll(prediction.LineScores, score => Finite(score, prediction.Id)), Finite(prediction.FaultProbability, prediction.Id));

    private static PairPredictionRow ToRow(PairPrediction prediction) => new(prediction.Id, Finite(prediction.Score, prediction.Id));

    private static double Finite(double score, string id) =>
        double.IsNaN(score) ? throw new ArgumentException($"Prediction '{id}' holds a score that is not a number (NaN).") : Math.Clamp(score, -Limit, Limit);

    private static string CheckId(string? id, HashSet<string> seen, string path, int number)
    {
        if (string.IsNullOrEmpty(id))
        {
            throw new PredictionException("the row has no \"id\".", path, number);
        }

        return seen.Add(id) ? id : throw new PredictionException($"id '{id}' comes twice.", path, number);
    }

    private static T Parse<T>(string text, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type, string path, int number)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(text, type) ?? throw new PredictionException("the row is null; expected an object.", path, number);
        }
        catch (JsonException exception)
        {
            throw new PredictionException($"the row is not a prediction: {exception.Message}", path, number, exception);
        }
    }

    private static async IAsyncEnumerable<(int Number, string Text)> ReadTextAsync(string path, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        FileStream file;
        try
        {
            file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, useAsync: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new PredictionException($"cannot be opened: {exception.Message}", path, null, exception);
        }

        await using (file.ConfigureAwait(false))
        {
            Stream unpacked = Packed(path) ? new GZipStream(file, CompressionMode.Decompress) : file;
            await using (unpacked.ConfigureAwait(false))
            {
                using StreamReader reader = new(unpacked, new UTF8Encoding(false, throwOnInvalidBytes: true));
                for (int number = 1; ; number++)
                {
                    string? text;
                    try
                    {
                        text = await reader.ReadLineAsync(cancellationToken).ConfigureAwait(false);
                    }
                    catch (Exception exception) when (exception is InvalidDataException or DecoderFallbackException)
                    {
                        throw new PredictionException($"cannot be read: {exception.Message}", path, number, exception);
                    }

                    if (text is null)
                    {
                        yield break;
                    }

                    if (!string.IsNullOrWhiteSpace(text))
                    {
                        yield return (number, text);
                    }
                }
            }
        }
    }

    private static async Task WriteRowsAsync<T>(
        string path, IEnumerable<T> rows, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!; // A full path of a file has a folder.
        Directory.CreateDirectory(folder);
        string partial = path + ".partial";
        try
        {
            FileStream file = new(partial, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16, useAsync: true);
            await using (file.ConfigureAwait(false))
            {
                Stream packed = Packed(path) ? new GZipStream(file, CompressionLevel.Optimal) : file;
                await using (packed.ConfigureAwait(false))
                {
                    foreach (T row in rows)
                    {
                        cancellationToken.ThrowIfCancellationRequested();
                        byte[] bytes = JsonSerializer.SerializeToUtf8Bytes(row, type);
                        await packed.WriteAsync(bytes, cancellationToken).ConfigureAwait(false);
                        packed.WriteByte((byte)'\n');
                    }
                }
            }

            File.Move(partial, path, overwrite: true);
        }
        catch
        {
            File.Delete(partial);
            throw;
        }
    }

    private static bool Packed(string path) => path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase);
}

/// <summary>A row of a fault localization prediction file.</summary>
internal sealed record LinePredictionRow(
    [property: JsonPropertyName("id")] string? Id,
    [property: JsonPropertyName("line_scores")] double[]? LineScores,
    [property: JsonPropertyName("fault_probability")] double? FaultProbability);

/// <summary>A row of a clone detection prediction file.</summary>
internal sealed record PairPredictionRow(
    [property: JsonPropertyName("id")] string? Id,
    [property: JsonPropertyName("score")] double? Score);

/// <summary>How prediction rows reach disk.</summary>
[JsonSerializable(typeof(LinePredictionRow))]
[JsonSerializable(typeof(PairPredictionRow))]
internal sealed partial class PredictionJson : JsonSerializerContext;
