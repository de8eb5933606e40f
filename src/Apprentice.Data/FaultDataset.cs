using System.Runtime.CompilerServices;

namespace Apprentice.Data;

/// <summary>Files of <see cref="FaultExample"/> rows: fault localization, vulnerability localization and clean functions.</summary>
/// <remarks>JSON Lines as in docs/formats.md, plain, <c>.gz</c> or (read only) <c>.xz</c>.</remarks>
public static class FaultDataset
{
    private static readonly string[] s_tasks = ["fault-localization", "vulnerability-localization", "clean-function"];

    /// <summary>Streams the rows of a file.</summary>
    /// <remarks>
    /// Required keys: <c>id</c>, <c>language</c>, <c>code</c>, <c>faulty_lines</c>; the others take the defaults of
    /// <see cref="FaultExample"/>. Line numbers are sorted and repeated ones are merged.
    /// </remarks>
    /// <param name="path">The file.</param>
    /// <param name="cancellationToken">Stops between two reads.</param>
    /// <returns>The rows in file order.</returns>
    /// <exception cref="DatasetException">
    /// The file cannot be read, or a row lacks a key, has a faulty line outside its code, an unknown language or an unknown task.
    /// </exception>
    public static async IAsyncEnumerable<FaultExample> ReadAsync(string path, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (JsonLine<FaultRowDto> row in JsonLines.ReadAsync(path, DatasetJson.Default.FaultRowDto, cancellationToken).ConfigureAwait(false))
        {
            yield return FromDto(row.Value, new RowCheck(path, row.Line));
        }
    }

    /// <summary>Reads all rows of a file into memory.</summary>
    /// <param name="path">The file.</param>
    /// <param name="cancellationToken">Stops between two reads.</param>
    /// <returns>The rows in file order.</returns>
    /// <exception cref="DatasetException">As for <see cref="ReadAsync"/>.</exception>
    public static async Task<List<FaultExample>> ReadAllAsync(string path, CancellationToken cancellationToken = default)
    {
        List<FaultExample> rows = [];
        await foreach (FaultExample row in ReadAsync(path, cancellationToken).ConfigureAwait(false))
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
    public static Task<int> WriteAsync(string path, IEnumerable<FaultExample> rows, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(rows);
        return JsonLines.WriteAsync(path, rows.Select(ToDto), DatasetJson.Default.FaultRowDto, cancellationToken);
    }

    /// <summary>Writes a stream of rows; the file appears under its name only when it is complete.</summary>
    /// <param name="path">The file; the ending <c>.gz</c> packs it.</param>
    /// <param name="rows">The rows, in the order to write.</param>
    /// <param name="cancellationToken">Stops between two rows; the file is then left as it was.</param>
    /// <returns>How many rows were written.</returns>
    /// <exception cref="DatasetException">The file cannot be written, or its ending is <c>.xz</c>.</exception>
    /// <exception cref="ArgumentException">A text holds half a surrogate pair.</exception>
    public static Task<int> WriteAsync(string path, IAsyncEnumerable<FaultExample> rows, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(rows);
        return JsonLines.WriteAsync(path, rows.Select(ToDto), DatasetJson.Default.FaultRowDto, cancellationToken);
    }

    internal static FaultRowDto ToDto(FaultExample row) => new()
    {
        Id = row.Id,
        Task = row.Task,
        Language = row.Language,
        Code = RowCheck.Writable(row.Code, row.Id),
        FaultyLines = row.FaultyLines,
        FixedCode = row.FixedCode is null ? null : RowCheck.Writable(row.FixedCode, row.Id),
        Source = row.Source,
        ProjectOrProblem = row.ProjectOrProblem,
        Origin = row.Origin,
        Llm = row.Llm,
        Category = row.Category,
        Insertion = row.Insertion,
        License = row.License,
        Granularity = row.Granularity,
        Provenance = RowCheck.ToDto(row.Provenance),
    };

    private static FaultExample FromDto(FaultRowDto dto, RowCheck check)
    {
        string code = check.NotEmpty(dto.Code, "code");
        string task = check.OneOf(dto.Task ?? s_tasks[0], "task", s_tasks);
        return new FaultExample
        {
            Id = check.NotEmpty(dto.Id, "id"),
            Task = task,
            Language = check.Language(dto.Language, "language"),
            Code = code,
            FaultyLines = Lines(check.Required(dto.FaultyLines, "faulty_lines"), code, task, check),
            FixedCode = dto.FixedCode,
            Source = dto.Source ?? "",
            ProjectOrProblem = dto.ProjectOrProblem ?? "",
            Origin = check.OneOf(dto.Origin ?? "real", "origin", "real", "llm"),
            Llm = dto.Llm,
            Category = dto.Category,
            Insertion = dto.Insertion ?? false,
            License = dto.License,
            Granularity = dto.Granularity ?? "function",
            Provenance = check.Provenance(dto.Provenance),
        };
    }

    private static IReadOnlyList<int> Lines(IReadOnlyList<int> lines, string code, string task, RowCheck check)
    {
        if (lines.Count == 0)
        {
            return [];
        }

        if (task == "clean-function")
        {
            throw check.Problem("faulty_lines", $"names {lines.Count} lines; a clean-function row has none");
        }

        int count = code.AsSpan().Count('\n') + 1;
        foreach (int line in lines)
        {
            if (line < 1 || line > count)
            {
                throw check.Problem("faulty_lines", $"names line {line}; the code has lines 1 to {count} (numbers start at 1, lines end at \\n)");
            }
        }

        return [.. lines.Order().Distinct()];
    }
}
