using System.Text.Json.Serialization;

namespace Apprentice.Data;

// The rows as they lie on disk (docs/formats.md). They carry no format version: the schema is that of public data sets,
// whose files have none either; unknown keys are ignored, so keys can be added without breaking a reader.

internal sealed record FaultRowDto
{
    public string? Id { get; init; }

    public string? Task { get; init; }

    public string? Language { get; init; }

    public string? Code { get; init; }

    public IReadOnlyList<int>? FaultyLines { get; init; }

    public string? FixedCode { get; init; }

    public string? Source { get; init; }

    public string? ProjectOrProblem { get; init; }

    public string? Origin { get; init; }

    public string? Llm { get; init; }

    public string? Category { get; init; }

    public bool? Insertion { get; init; }

    public string? License { get; init; }

    public string? Granularity { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ProvenanceDto? Provenance { get; init; }
}

internal sealed record CloneRowDto
{
    public string? Id { get; init; }

    public string? Task { get; init; }

    public string? LanguageA { get; init; }

    public string? LanguageB { get; init; }

    public string? CodeA { get; init; }

    public string? CodeB { get; init; }

    public int? Label { get; init; }

    public string? CloneType { get; init; }

    public string? Source { get; init; }

    public string? Problem { get; init; }

    public string? Origin { get; init; }

    public string? Llm { get; init; }

    public string? License { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ProvenanceDto? Provenance { get; init; }
}

internal sealed record ProvenanceDto
{
    public string? Model { get; init; }

    public string? Strategy { get; init; }

    public string? PromptHash { get; init; }

    public string? RequestHash { get; init; }

    public string? ParentId { get; init; }

    public IReadOnlyList<string>? Demonstrations { get; init; }
}

internal sealed record CorpusRowDto
{
    public string? Repo { get; init; }

    public string? Commit { get; init; }

    public string? Path { get; init; }

    public string? License { get; init; }

    public string? Language { get; init; }

    public string? Text { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(FaultRowDto))]
[JsonSerializable(typeof(CloneRowDto))]
[JsonSerializable(typeof(CorpusRowDto))]
internal sealed partial class DatasetJson : JsonSerializerContext;

/// <summary>A row under conversion: names what is wrong with which key of which line.</summary>
internal readonly record struct RowCheck(string Path, long Line)
{
    private static readonly string[] s_languages = ["java", "python", "c", "cpp", "csharp", "javascript", "go"];

    public T Required<T>(T? value, string key)
        where T : class =>
        value ?? throw Problem(key, "is missing or null; it is required");

    public T Required<T>(T? value, string key)
        where T : struct =>
        value ?? throw Problem(key, "is missing or null; it is required");

    public string NotEmpty(string? value, string key) =>
        Required(value, key) is { Length: > 0 } text ? text : throw Problem(key, "is empty");

    public string Language(string? value, string key) => OneOf(NotEmpty(value, key), key, s_languages);

    public string OneOf(string value, string key, params ReadOnlySpan<string> allowed) =>
        allowed.Contains(value) ? value : throw Problem(key, $"is '{value}'; expected one of {string.Join(", ", allowed.ToArray())}");

    public Provenance? Provenance(ProvenanceDto? dto) => dto is null
        ? null
        : new Provenance
        {
            Model = Required(dto.Model, "provenance.model"),
            Strategy = Required(dto.Strategy, "provenance.strategy"),
            PromptHash = Required(dto.PromptHash, "provenance.prompt_hash"),
            RequestHash = Required(dto.RequestHash, "provenance.request_hash"),
            ParentId = Required(dto.ParentId, "provenance.parent_id"),
            Demonstrations = dto.Demonstrations ?? [],
        };

    public static ProvenanceDto? ToDto(Provenance? provenance) => provenance is null
        ? null
        : new ProvenanceDto
        {
            Model = provenance.Model,
            Strategy = provenance.Strategy,
            PromptHash = provenance.PromptHash,
            RequestHash = provenance.RequestHash,
            ParentId = provenance.ParentId,
            Demonstrations = provenance.Demonstrations,
        };

    /// <summary>Refuses a text that UTF-8 cannot carry: the JSON writer would silently put U+FFFD in its place.</summary>
    public static string Writable(string text, string id)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (char.IsSurrogate(text[i]) && !(i + 1 < text.Length && char.IsSurrogatePair(text[i], text[++i])))
            {
                throw new ArgumentException($"Row '{id}': the code holds half a surrogate pair at character {i}; it cannot be written as UTF-8.");
            }
        }

        return text;
    }

    public DatasetException Problem(string key, string problem) => new(Path, Line, $"key '{key}' {problem}.");
}
