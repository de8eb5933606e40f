using System.Text.Json;
using Apprentice.Code;
using Apprentice.Compute;
using Apprentice.Scanning;
using Apprentice.Training;

namespace Apprentice.Workspace;

/// <summary>What a search for clones looks at.</summary>
public sealed record ClonesOptions
{
    /// <summary>Folders or files.</summary>
    public required IReadOnlyList<string> Folders { get; init; }

    /// <summary><c>builtin</c> or a model folder. Default the built-in model.</summary>
    public string Model { get; init; } = "builtin";

    /// <summary>Settings of the search.</summary>
    public CloneSearchOptions Search { get; init; } = new();

    /// <summary>Classes given; 0 for all. Default 20.</summary>
    public int Top { get; init; } = 20;

    /// <summary>Every problem with these settings, or none.</summary>
    public IEnumerable<string> Problems() => Top < 0 ? Search.Problems().Append($"--top is {Top}; 1 or more, or 0 for all, is expected.") : Search.Problems();
}

/// <summary>What a search for clones found, and what it left out.</summary>
/// <param name="Files">Files compared.</param>
/// <param name="Skipped">Files left out, by reason.</param>
/// <param name="SkippedFolders">Folders left out as a whole.</param>
/// <param name="Unreadable">Files and folders that should have been read but could not.</param>
/// <param name="Search">The classes.</param>
public sealed record ClonesResult(
    int Files, IReadOnlyDictionary<SourceProblem, int> Skipped, IReadOnlyList<string> SkippedFolders, IReadOnlyList<SourceReading> Unreadable, CloneSearchResult Search);

/// <summary>Searches folders for functions that are alike.</summary>
public static class ClonesJob
{
    /// <summary>Walks the folders and groups their functions.</summary>
    /// <param name="options">Folders and settings.</param>
    /// <param name="workers">Threads.</param>
    /// <param name="events">Told about progress.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <exception cref="RecipeException">There is no such model or folder.</exception>
    /// <exception cref="TrainingException">The model cannot be searched with.</exception>
    public static async Task<ClonesResult> RunAsync(ClonesOptions options, Workers workers, IProgress<JobEvent> events, CancellationToken cancellationToken = default)
    {
        if (options.Folders.FirstOrDefault(folder => !Directory.Exists(folder) && !File.Exists(folder)) is { } missing)
        {
            throw new RecipeException($"'{missing}' does not exist; a folder or a source file is expected.");
        }

        CloneSearch search = new(options.Search);
        SortedDictionary<SourceProblem, int> skipped = [];
        List<string> skippedFolders = [];
        List<SourceReading> unreadable = [];
        int files = 0;
        await foreach (SourceReading reading in RepositoryWalk.ReadAsync(options.Folders, skippedFolders.Add, cancellationToken).ConfigureAwait(false))
        {
            if (reading.Source is { } source)
            {
                files++;
                search.Add(source);
                events.Report(new JobProgress("read", files, 0, $"{files:n0} files, {search.Functions:n0} functions"));
            }
            else if (reading.Problem is { } problem)
            {
                skipped[problem] = skipped.GetValueOrDefault(problem) + 1;
                if (problem is SourceProblem.Unreadable or SourceProblem.Encoding or SourceProblem.Missing)
                {
                    unreadable.Add(reading);
                }
            }
        }

        using TaskModel model = TaskModel.Load(BuiltinModel.Resolve(options.Model));
        CloneSearchResult result = search.Find(model, workers, new Relay(events), cancellationToken);
        return new ClonesResult(files, skipped, skippedFolders, unreadable, result);
    }

    /// <summary>The classes that the options ask for.</summary>
    /// <param name="options">Settings.</param>
    /// <param name="result">Result.</param>
    public static IReadOnlyList<CloneClass> Shown(ClonesOptions options, ClonesResult result) =>
        options.Top == 0 ? result.Search.Classes : [.. result.Search.Classes.Take(options.Top)];

    /// <summary>The result as one JSON document.</summary>
    /// <param name="options">Settings as used.</param>
    /// <param name="result">Result.</param>
    public static string ToJson(ClonesOptions options, ClonesResult result) => JsonSerializer.Serialize(
        new ClonesDocument(
            1, options.Model, result.Search.Threshold, result.Files, result.Search.Functions, result.Search.ShortFunctions, result.Search.LongFunctions,
            result.Skipped.ToDictionary(item => JsonNamingPolicy.KebabCaseLower.ConvertName(item.Key.ToString()), item => item.Value),
            result.SkippedFolders,
            [.. result.Unreadable.Select(reading => new UnreadableDto(reading.Path, reading.Message))],
            result.Search.Classes.Count, result.Search.PairsCut,
            [.. Shown(options, result).Select(one => new CloneClassDto(
                Name(one.Kind), one.Similarity, one.RepeatedLines,
                [.. one.Members.Select(member => new CloneMemberDto(
                    member.Path, member.StartLine, member.EndLine, member.Name, member.Language.Name(), Name(member.Kind), member.Similarity))]))]),
        ScanJson.Readable.ClonesDocument);

    private static string Name(CloneKind kind) => JsonNamingPolicy.KebabCaseLower.ConvertName(kind.ToString());

    private sealed class Relay(IProgress<JobEvent> events) : IProgress<(int Done, int Total)>
    {
        public void Report((int Done, int Total) value) => events.Report(new JobProgress("vectors", value.Done, value.Total, "functions"));
    }
}

internal sealed record ClonesDocument(
    int FormatVersion, string Model, double Threshold, int Files, int Functions, int ShortFunctions, int LongFunctions, IReadOnlyDictionary<string, int> Skipped,
    IReadOnlyList<string> SkippedFolders, IReadOnlyList<UnreadableDto> Unreadable, int ClassesFound, bool PairsCut, IReadOnlyList<CloneClassDto> Classes);

internal sealed record UnreadableDto(string Path, string Message);

internal sealed record CloneClassDto(string Kind, double Similarity, int RepeatedLines, IReadOnlyList<CloneMemberDto> Members);

internal sealed record CloneMemberDto(string Path, int StartLine, int EndLine, string Name, string Language, string Kind, double Similarity);
