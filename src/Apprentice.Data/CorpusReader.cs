using System.Runtime.CompilerServices;

namespace Apprentice.Data;

/// <summary>One source file of a pre-training corpus.</summary>
/// <param name="Repo">Owner and name of the repository, for example <c>curl/curl</c>.</param>
/// <param name="Path">Path inside the repository.</param>
/// <param name="Language">Language name, for example <c>csharp</c>.</param>
/// <param name="License">SPDX name of the licence, or null when not stated.</param>
/// <param name="Text">The file's text, line ends as found.</param>
public sealed record CorpusFile(string Repo, string Path, string Language, string? License, string Text)
{
    /// <summary>Commit that the text was taken from, or null when not stated.</summary>
    public string? Commit { get; init; }
}

/// <summary>Reads corpus shards: JSON Lines with one source file a row, plain, <c>.gz</c> or <c>.xz</c>.</summary>
public static class CorpusReader
{
    /// <summary>Streams the files of a shard.</summary>
    /// <remarks>Required keys: <c>repo</c>, <c>path</c>, <c>language</c>, <c>text</c>. An empty text is allowed.</remarks>
    /// <param name="path">The shard.</param>
    /// <param name="cancellationToken">Stops between two reads.</param>
    /// <returns>The source files in shard order.</returns>
    /// <exception cref="DatasetException">The shard cannot be read, or a row lacks a key.</exception>
    public static async IAsyncEnumerable<CorpusFile> ReadAsync(string path, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (JsonLine<CorpusRowDto> row in JsonLines.ReadAsync(path, DatasetJson.Default.CorpusRowDto, cancellationToken).ConfigureAwait(false))
        {
            RowCheck check = new(path, row.Line);
            CorpusRowDto dto = row.Value;
            yield return new CorpusFile(
                check.Required(dto.Repo, "repo"),
                check.Required(dto.Path, "path"),
                check.Language(dto.Language, "language"),
                dto.License,
                check.Required(dto.Text, "text"))
            { Commit = dto.Commit };
        }
    }
}
