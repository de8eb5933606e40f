using System.Runtime.CompilerServices;

namespace Apprentice.Data;

/// <summary>Files of <see cref="ClonePair"/> rows: clone detection.</summary>
/// <remarks>JSON Lines as in docs/formats.md, plain, <c>.gz</c> or (read only) <c>.xz</c>.</remarks>
public static class CloneDataset
{
    /// <summary>Streams the rows of a file.</summary>
    /// <remarks>
    /// Required keys: <c>id</c>, <c>language_a</c>, <c>language_b</c>, <c>code_a</c>, <c>code_b</c>, <c>label</c>;
    /// the others take the defaults of <see cref="ClonePair"/>.
    /// </remarks>
    /// <param name="path">The file.</param>
    /// <param name="cancellationToken">Stops between two reads.</param>
    /// <returns>The rows in file order.</returns>
    /// <exception cref="DatasetException">The file cannot be read, or a row lacks a key, has an unknown language or a label other than 0 and 1.</exception>
    public static async IAsyncEnumerable<ClonePair> ReadAsync(string path, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (JsonLine<CloneRowDto> row in JsonLines.ReadAsync(path, DatasetJson.Default.CloneRowDto, cancellationToken).ConfigureAwait(false))
        {
            yield return FromDto(row.Value, new RowCheck(path, row.Line));
        }
    }

    /// <summary>Reads all rows of a file into memory.</summary>
    /// <param name="path">The file.</param>
    /// <param name="cancellationToken">Stops between two reads.</param>
    /// <returns>The rows in file order.</returns>
    /// <exception cref="DatasetException">As for <see cref="ReadAsync"/>.</exception>
    public static async Task<List<ClonePair>> ReadAllAsync(string path, CancellationToken cancellationToken = default)
    {
        List<ClonePair> rows = [];
        await foreach (ClonePair row in ReadAsync(path, cancellationToken).ConfigureAwait(false))
        {
            rows.Add(row);
        }

        return rows;
    }

    /// <summary>Writes rows; the file appears under its name only when it is complete.</summary>
    /// <param name="path">The file; the ending <c>.gz</c> packs it.</param>
    /// <param name="rows">The rows, in the order to write.</param>
    /// <param name="cancellationToken">Stops between two rows; the file is then left as it was.</param>
    /// <returns>How many rows were written.</returns>
    /// <exception cref="DatasetException">The file cannot be written, or its ending is <c>.xz</c>.</exception>
    /// <exception cref="ArgumentException">A text holds half a surrogate pair.</exception>
    public static Task<int> WriteAsync(string path, IEnumerable<ClonePair> rows, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(rows);
        return JsonLines.WriteAsync(path, rows.Select(ToDto), DatasetJson.Default.CloneRowDto, cancellationToken);
    }

    /// <summary>Writes a stream of rows; the file appears under its name only when it is complete.</summary>
    /// <param name="path">The file; the ending <c>.gz</c> packs it.</param>
    /// <param name="rows">The rows, in the order to write.</param>
    /// <param name="cancellationToken">Stops between two rows; the file is then left as it was.</param>
    /// <returns>How many rows were written.</returns>
    /// <exception cref="DatasetException">The file cannot be written, or its ending is <c>.xz</c>.</exception>
    /// <exception cref="ArgumentException">A text holds half a surrogate pair.</exception>
    public static Task<int> WriteAsync(string path, IAsyncEnumerable<ClonePair> rows, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(rows);
        return JsonLines.WriteAsync(path, rows.Select(ToDto), DatasetJson.Default.CloneRowDto, cancellationToken);
    }

    internal static CloneRowDto ToDto(ClonePair row) => new()
    {
        Id = row.Id,
        Task = row.Task,
        LanguageA = row.LanguageA,
        LanguageB = row.LanguageB,
        CodeA = RowCheck.Writable(row.CodeA, row.Id),
        CodeB = RowCheck.Writable(row.CodeB, row.Id),
        Label = row.Label,
        CloneType = row.CloneType,
        Source = row.Source,
        Problem = row.Problem,
        Origin = row.Origin,
        Llm = row.Llm,
        License = row.License,
        Provenance = RowCheck.ToDto(row.Provenance),
    };

    private static ClonePair FromDto(CloneRowDto dto, RowCheck check)
    {
        int label = check.Required(dto.Label, "label");
        if (label is not (0 or 1))
        {
            throw check.Problem("label", $"is {label}; expected 1 for a clone, 0 for none");
        }

        return new ClonePair
        {
            Id = check.NotEmpty(dto.Id, "id"),
            Task = check.OneOf(dto.Task ?? "clone-detection", "task", "clone-detection"),
            LanguageA = check.Language(dto.LanguageA, "language_a"),
            LanguageB = check.Language(dto.LanguageB, "language_b"),
            CodeA = check.NotEmpty(dto.CodeA, "code_a"),
            CodeB = check.NotEmpty(dto.CodeB, "code_b"),
            Label = label,
            CloneType = dto.CloneType,
            Source = dto.Source ?? "",
            Problem = dto.Problem ?? "",
            Origin = check.OneOf(dto.Origin ?? "real", "origin", "real", "llm"),
            Llm = dto.Llm,
            License = dto.License,
            Provenance = check.Provenance(dto.Provenance),
        };
    }
}
