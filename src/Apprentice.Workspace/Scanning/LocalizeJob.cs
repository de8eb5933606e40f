using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Apprentice.Code;
using Apprentice.Compute;
using Apprentice.Scanning;
using Apprentice.Training;

namespace Apprentice.Workspace;

/// <summary>What a localization of files looks at.</summary>
public sealed record LocalizeOptions
{
    /// <summary>Name of standard input among the files.</summary>
    public const string StandardInput = "-";

    /// <summary>Files; <c>-</c> for standard input.</summary>
    public required IReadOnlyList<string> Files { get; init; }

    /// <summary><c>builtin</c> or a model folder. Default the built-in model.</summary>
    public string Model { get; init; } = "builtin";

    /// <summary>Language of all files, or null to go by their endings.</summary>
    public Language? Language { get; init; }

    /// <summary>Lines given per file. Default 10.</summary>
    public int Top { get; init; } = 10;

    /// <summary>Every problem with these settings, or none.</summary>
    public IEnumerable<string> Problems()
    {
        if (Top < 1)
        {
            yield return $"--top is {Top}; 1 or more is expected.";
        }

        if (Language is null && Files.Contains(StandardInput))
        {
            yield return "Standard input has no file name to tell its language; say --language.";
        }
    }
}

/// <summary>A file's suspicious lines with the text around them, or why there are none.</summary>
/// <param name="Reading">The text, or the problem with it.</param>
/// <param name="Result">The ranking, or null for a file that could not be read.</param>
public sealed record LocalizedFile(SourceReading Reading, FileLocalization? Result);

/// <summary>Ranks suspicious lines of files.</summary>
public static class LocalizeJob
{
    /// <summary>Reads and scores the files one after the other; one that cannot be read does not stop the others.</summary>
    /// <param name="options">Files and settings.</param>
    /// <param name="standardInput">Opens standard input; called once at most.</param>
    /// <param name="workers">Threads.</param>
    /// <param name="events">Told about progress.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <exception cref="RecipeException">There is no such model.</exception>
    /// <exception cref="TrainingException">The model cannot score lines.</exception>
    public static async Task<IReadOnlyList<LocalizedFile>> RunAsync(
        LocalizeOptions options, Func<Stream> standardInput, Workers workers, IProgress<JobEvent> events, CancellationToken cancellationToken = default)
    {
        // All files are read before the model is: a typing error is told at once.
        List<SourceReading> readings = [];
        foreach (string file in options.Files.Distinct(StringComparer.Ordinal))
        {
            readings.Add(file == LocalizeOptions.StandardInput && options.Language is { } language
                ? await SourceText.ReadAsync("standard input", standardInput(), language, cancellationToken).ConfigureAwait(false)
                : await SourceText.ReadAsync(file, options.Language, cancellationToken).ConfigureAwait(false));
        }

        if (readings.TrueForAll(reading => reading.Source is null))
        {
            return [.. readings.Select(reading => new LocalizedFile(reading, null))];
        }

        using TaskModel model = TaskModel.Load(BuiltinModel.Resolve(options.Model));
        List<LocalizedFile> results = [];
        foreach (SourceReading reading in readings)
        {
            if (readings.Count > 1)
            {
                events.Report(new JobProgress("localize", results.Count, readings.Count, reading.Path));
            }

            results.Add(new LocalizedFile(reading, reading.Source is { } source ? Localization.Rank(model, source, options.Top, workers, cancellationToken) : null));
        }

        return results;
    }

    /// <summary>The results as one JSON document.</summary>
    /// <param name="options">Settings as used.</param>
    /// <param name="files">Results.</param>
    public static string ToJson(LocalizeOptions options, IReadOnlyList<LocalizedFile> files) => JsonSerializer.Serialize(
        new LocalizationDocument(
            1, options.Model,
            [.. files.Select(file => new LocalizedFileDto(
                file.Reading.Path,
                file.Result?.Language.Name(),
                file.Reading.Problem is { } problem ? JsonNamingPolicy.KebabCaseLower.ConvertName(problem.ToString()) : null,
                file.Reading.Problem is null ? null : file.Reading.Message,
                file.Result?.Functions,
                file.Result?.Notes ?? [],
                file.Result is null ? [] : [.. file.Result.Lines.Select((line, index) =>
                    new SuspiciousLineDto(index + 1, line.Line, line.Score, line.Function, line.FunctionLine, line.FaultProbability, line.Text))]))]),
        ScanJson.Readable.LocalizationDocument);
}

internal sealed record LocalizationDocument(int FormatVersion, string Model, IReadOnlyList<LocalizedFileDto> Files);

internal sealed record LocalizedFileDto(
    string Path, string? Language, string? Problem, string? Message, int? Functions, IReadOnlyList<string> Notes, IReadOnlyList<SuspiciousLineDto> Lines);

internal sealed record SuspiciousLineDto(int Rank, int Line, double Score, string Function, int FunctionLine, double FaultProbability, string Text);

[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, NewLine = "\n")]
[JsonSerializable(typeof(LocalizationDocument))]
[JsonSerializable(typeof(ClonesDocument))]
internal sealed partial class ScanJson : JsonSerializerContext
{
    // Made on first use: the generated Default may not be there yet while this type's fields are.
    private static ScanJson? s_readable;

    /// <summary>Quotes, plus signs and other letters of code as they are: the document is not put into a page.</summary>
    public static ScanJson Readable => s_readable ??= new(new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
