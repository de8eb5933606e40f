using System.Text.Json;
using System.Text.Json.Serialization;

namespace Apprentice.Training;

/// <summary>What a model folder holds beside the encoder, and how its scores are read; stored as apprentice.json.</summary>
public sealed record TaskSettings
{
    /// <summary>Name of the file in a model folder.</summary>
    public const string FileName = "apprentice.json";

    /// <summary>Version of this file's format; readers refuse other ones.</summary>
    [JsonPropertyName("format_version")]
    public int FormatVersion { get; set; } = 1;

    /// <summary><c>base</c>, <c>fault-localization</c>, <c>vulnerability-localization</c> or <c>clone-detection</c>.</summary>
    [JsonPropertyName("task")]
    public string Task { get; set; } = "base";

    /// <summary>How clones are compared. Default siamese.</summary>
    [JsonPropertyName("clone_head")]
    public string CloneHead { get; set; } = "siamese";

    /// <summary>Scores above it count as positive: line probabilities, or clone scores. Chosen on a validation split, else 0.5.</summary>
    [JsonPropertyName("threshold")]
    public double Threshold { get; set; } = 0.5;

    /// <summary>Longest window in tokens; 0 for all that the encoder allows.</summary>
    [JsonPropertyName("maximum_length")]
    public int MaximumLength { get; set; }

    /// <summary>Reads the file of a model folder; a folder without one is a base model.</summary>
    /// <param name="folder">Model folder.</param>
    /// <exception cref="TrainingException">The file is not what is expected.</exception>
    public static TaskSettings Load(string folder)
    {
        string path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
        {
            return new TaskSettings();
        }

        try
        {
            TaskSettings settings = JsonSerializer.Deserialize(File.ReadAllText(path), TrainingJson.Default.TaskSettings)
                ?? throw new TrainingException($"{path}: expected a JSON object, found null.");
            string? problem = settings.FormatVersion != 1 ? $"format_version is {settings.FormatVersion}; this version reads 1. Was the model made by a newer version?"
                : settings.Task is not ("base" or "fault-localization" or "vulnerability-localization" or "clone-detection") ? $"task is \"{settings.Task}\"; base, fault-localization, vulnerability-localization or clone-detection is expected."
                : settings.CloneHead is not ("siamese" or "pair") ? $"clone_head is \"{settings.CloneHead}\"; siamese or pair is expected."
                : null;
            return problem is null ? settings : throw new TrainingException($"{path}: {problem}");
        }
        catch (JsonException exception)
        {
            throw new TrainingException($"{path}: not a task settings file: {exception.Message}", exception);
        }
    }

    /// <summary>The settings as text.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, TrainingJson.Default.TaskSettings);
}

[JsonSourceGenerationOptions(WriteIndented = true)]
[JsonSerializable(typeof(TaskSettings))]
[JsonSerializable(typeof(TrainerOptions))]
internal sealed partial class TrainingJson : JsonSerializerContext;
