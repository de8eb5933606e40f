using System.Text.Json;

namespace Apprentice.Tokenizers;

/// <summary>A value of a tokenizer file that knows where it is, so that every complaint names the place.</summary>
internal readonly record struct FileNode(string File, string Place, JsonElement Element)
{
    public bool IsText => Element.ValueKind == JsonValueKind.String;

    /// <summary>A member that must be there and not null.</summary>
    public FileNode Object(string name) => Optional(name) ?? throw Problem($"'{name}' is missing");

    /// <summary>A member, or null when it is absent or null.</summary>
    public FileNode? Optional(string name)
    {
        if (Element.ValueKind != JsonValueKind.Object)
        {
            throw Problem($"an object is expected, not {Element.ValueKind}");
        }

        return Element.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null
            ? new FileNode(File, Place.Length == 0 ? name : $"{Place}.{name}", value)
            : null;
    }

    public IEnumerable<FileNode> Array(string name) => Object(name).Items();

    public IEnumerable<FileNode> Items()
    {
        if (Element.ValueKind != JsonValueKind.Array)
        {
            throw Problem($"a list is expected, not {Element.ValueKind}");
        }

        int i = 0;
        foreach (JsonElement item in Element.EnumerateArray())
        {
            yield return new FileNode(File, $"{Place}[{i++}]", item);
        }
    }

    public IEnumerable<(string Name, FileNode Value)> Members()
    {
        if (Element.ValueKind != JsonValueKind.Object)
        {
            throw Problem($"an object is expected, not {Element.ValueKind}");
        }

        foreach (JsonProperty property in Element.EnumerateObject())
        {
            // The place stays that of the whole: a path per vocabulary entry would cost more than the entry.
            yield return (property.Name, new FileNode(File, Place, property.Value));
        }
    }

    public string? Text(string name) => Optional(name)?.AsText();

    public double? Number(string name) => Optional(name) is not { } node ? null
        : node.Element.ValueKind == JsonValueKind.Number && node.Element.TryGetDouble(out double value) ? value
        : throw node.Problem($"a number is expected, not {node.Element.ValueKind}");

    public bool? Flag(string name) => Optional(name) is not { } node ? null
        : node.Element.ValueKind is JsonValueKind.True or JsonValueKind.False ? node.Element.GetBoolean()
        : throw node.Problem($"true or false is expected, not {node.Element.ValueKind}");

    public string AsText()
    {
        try
        {
            return IsText ? Element.GetString()! : throw Problem($"a string is expected, not {Element.ValueKind}");
        }
        catch (InvalidOperationException e)
        {
            throw new TokenizerException(File, $"{Place}: the string is not valid Unicode.", e);
        }
    }

    public int AsInt() => Element.ValueKind == JsonValueKind.Number && Element.TryGetInt32(out int value) ? value
        : throw Problem($"a whole number is expected, not {(Element.ValueKind == JsonValueKind.Number ? Element.GetRawText() : Element.ValueKind)}");

    public void Refuse(bool condition, string problem)
    {
        if (condition)
        {
            throw Problem(problem);
        }
    }

    public TokenizerException Problem(string problem) => new(File, $"{(Place.Length == 0 ? "" : Place + ": ")}{problem}.");
}
