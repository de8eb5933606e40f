using System.Text.Json;
using System.Text.Json.Serialization;
using Apprentice.Code;
using Apprentice.Data;

namespace Apprentice.Generation;

/// <summary>A correct function with its specification and tests: what faults are planted in and clones are written for.</summary>
/// <param name="Id">Unique in its file; part of request ids, so letters, digits, <c>-</c>, <c>_</c> and <c>.</c> only.</param>
/// <param name="Name">Name of the function under test as the tests call it.</param>
/// <param name="Language">Language name, for example <c>csharp</c>.</param>
/// <param name="Spec">What the function does, in a sentence or a few.</param>
/// <param name="Category">Kind of function, for example <c>parsing</c>; free text.</param>
/// <param name="Code">Source text, line ends <c>\n</c>; the first function is the one under test, helpers may follow.</param>
/// <param name="Tests">For C#: statements that call the function and <c>Check</c>. Empty when there are none.</param>
public sealed record SeedFunction(string Id, string Name, string Language, string Spec, string Category, string Code, string Tests);

/// <summary>Reads and writes files of seed functions: JSON Lines with the keys id, name, language, spec, category, code and tests.</summary>
public static class SeedSet
{
    /// <summary>Reads all seeds of a file.</summary>
    /// <param name="path">Plain JSON Lines, or packed as <c>.gz</c> or <c>.xz</c>.</param>
    /// <param name="cancellationToken">Stops between two reads.</param>
    /// <returns>The seeds in file order.</returns>
    /// <exception cref="DatasetException">The file cannot be read, or a row lacks a key, repeats an id or names an unknown language.</exception>
    public static async Task<IReadOnlyList<SeedFunction>> ReadAsync(string path, CancellationToken cancellationToken = default)
    {
        List<SeedFunction> seeds = [];
        Dictionary<string, long> lines = new(StringComparer.Ordinal);
        await foreach (JsonLine<SeedRowDto> row in JsonLines.ReadAsync(path, SeedJson.Default.SeedRowDto, cancellationToken).ConfigureAwait(false))
        {
            SeedFunction seed = Convert(path, row);
            if (!lines.TryAdd(seed.Id, row.Line))
            {
                throw new DatasetException(path, row.Line, $"id '{seed.Id}' is also that of line {lines[seed.Id]}; ids must be unique.");
            }

            seeds.Add(seed);
        }

        return seeds;
    }

    /// <summary>Writes seeds; the file appears under its name only when it is complete.</summary>
    /// <param name="path">The file; the ending <c>.gz</c> packs it.</param>
    /// <param name="seeds">The seeds, in the order to write.</param>
    /// <param name="cancellationToken">Stops between two rows; the file is then left as it was.</param>
    /// <exception cref="DatasetException">The file cannot be written.</exception>
    public static Task WriteAsync(string path, IEnumerable<SeedFunction> seeds, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(seeds);
        return JsonLines.WriteAsync(
            path,
            seeds.Select(s => new SeedRowDto { Id = s.Id, Name = s.Name, Language = s.Language, Spec = s.Spec, Category = s.Category, Code = s.Code, Tests = s.Tests }),
            SeedJson.Default.SeedRowDto,
            cancellationToken);
    }

    private static SeedFunction Convert(string path, JsonLine<SeedRowDto> row)
    {
        SeedRowDto dto = row.Value;
        string Required(string? value, string key) => string.IsNullOrWhiteSpace(value)
            ? throw new DatasetException(path, row.Line, $"'{key}' is missing or empty; a seed has id, name, language, spec and code, and may have category and tests.")
            : value;
        string id = Required(dto.Id, "id");
        if (!id.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
        {
            throw new DatasetException(path, row.Line, $"id '{id}' has characters other than letters, digits, '-', '_' and '.'; it becomes part of request ids.");
        }

        string language = Required(dto.Language, "language");
        if (!Languages.TryParse(language, out _))
        {
            throw new DatasetException(path, row.Line, $"language '{language}' is unknown; known are {string.Join(", ", Languages.All.Select(l => l.Name()))}.");
        }

        return new SeedFunction(
            id,
            Required(dto.Name, "name"),
            language,
            Required(dto.Spec, "spec"),
            dto.Category ?? "",
            Required(dto.Code, "code").ReplaceLineEndings("\n"),
            (dto.Tests ?? "").ReplaceLineEndings("\n"));
    }
}

internal sealed record SeedRowDto
{
    public string? Id { get; init; }

    public string? Name { get; init; }

    public string? Language { get; init; }

    public string? Spec { get; init; }

    public string? Category { get; init; }

    public string? Code { get; init; }

    public string? Tests { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(SeedRowDto))]
internal sealed partial class SeedJson : JsonSerializerContext;
