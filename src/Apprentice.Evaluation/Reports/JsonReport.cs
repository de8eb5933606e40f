using System.Text.Json;
using System.Text.Json.Serialization;

namespace Apprentice.Evaluation;

/// <summary>Writes and reads a report as one JSON document with the fields of <see cref="ReportDocument"/> in snake case.</summary>
public static class JsonReport
{
    /// <summary>The document as JSON text, ending in a line feed.</summary>
    /// <param name="document">The report.</param>
    public static string Render(ReportDocument document) => JsonSerializer.Serialize(document, ReportJson.Default.ReportDocument) + "\n";

    /// <summary>Writes the file, replacing it.</summary>
    /// <param name="path">Target file.</param>
    /// <param name="document">The report.</param>
    public static void Write(string path, ReportDocument document) => ReportFile.Write(path, Render(document));

    /// <summary>Reads a report back.</summary>
    /// <param name="json">JSON text.</param>
    /// <exception cref="FormatException">The text is no report, or of another format version.</exception>
    public static ReportDocument Parse(string json)
    {
        ReportDocument? document;
        try
        {
            document = JsonSerializer.Deserialize(json, ReportJson.Default.ReportDocument);
        }
        catch (JsonException exception)
        {
            throw new FormatException($"The text is not a report: {exception.Message}", exception);
        }

        return document is { FormatVersion: 1 }
            ? document
            : throw new FormatException($"The report has format_version {document?.FormatVersion}; this version reads 1.");
    }
}

/// <summary>How reports reach disk.</summary>
[JsonSourceGenerationOptions(
    WriteIndented = true,
    NewLine = "\n",
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals, // A diverged run has a loss of NaN, which must not lose the report.
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(ReportDocument))]
internal sealed partial class ReportJson : JsonSerializerContext;

/// <summary>Writes a report file whole or not at all.</summary>
internal static class ReportFile
{
    public static void Write(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!); // A full path of a file has a folder.
        string partial = path + ".partial";
        File.WriteAllText(partial, text);
        File.Move(partial, path, overwrite: true);
    }
}
