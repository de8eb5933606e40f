using System.Globalization;
using System.Text.Json;
using Apprentice.Compute;
using Apprentice.Models;

namespace Apprentice.Training;

/// <summary>The state of an interrupted training in one file: parameters, both moments, the step, and the best parameters so far.</summary>
internal static class TrainingCheckpoint
{
    private const string FormatVersion = "1";

    /// <summary>Writes the file as a whole or not at all.</summary>
    public static void Save(string path, TrainerOptions options, ParameterSet parameters, Optimiser optimiser, BestParameters best)
    {
        List<TensorToWrite> tensors = [.. parameters.Parameters.Select(ParameterFile.ToWrite)];
        tensors.Add(new TensorToWrite("optimiser.first_moment", [parameters.Count], values => optimiser.FirstMoment[..values.Length].CopyTo(values)));
        tensors.Add(new TensorToWrite("optimiser.second_moment", [parameters.Count], values => optimiser.SecondMoment[..values.Length].CopyTo(values)));
        for (int i = 0; best.Values is not null && i < best.Values.Length; i++)
        {
            float[] values = best.Values[i];
            tensors.Add(new TensorToWrite($"best.{i}", [values.Length], target => values.CopyTo(target)));
        }

        SafetensorsWriter.Write(path, tensors, new Dictionary<string, string>
        {
            ["format_version"] = FormatVersion,
            ["options"] = Fingerprint(options),
            ["step"] = optimiser.Steps.ToString(CultureInfo.InvariantCulture),
            ["best_score"] = best.Score.ToString("R", CultureInfo.InvariantCulture),
            ["best_step"] = best.Step.ToString(CultureInfo.InvariantCulture),
        });
    }

    /// <summary>Puts the state back.</summary>
    /// <exception cref="TrainingException">The file belongs to a training with other options or another model.</exception>
    public static void Load(string path, TrainerOptions options, ParameterSet parameters, Optimiser optimiser, BestParameters best)
    {
        using SafetensorsFile file = SafetensorsFile.Open(path);
        if (file.Metadata.GetValueOrDefault("format_version") != FormatVersion || file.Metadata.GetValueOrDefault("options") != Fingerprint(options))
        {
            throw new TrainingException($"{path}: this checkpoint is of a training with other settings ({file.Metadata.GetValueOrDefault("options")}). Delete it to start anew, or put the settings back.");
        }

        foreach (Parameter parameter in parameters.Parameters)
        {
            if (!file.Tensors.TryGetValue(parameter.Name, out TensorInfo? tensor) || tensor.Count != parameter.Count)
            {
                throw new TrainingException($"{path}: tensor '{parameter.Name}' is absent or has another size than the model's {parameter.Count}. Is the checkpoint of another model?");
            }

            file.ReadFloat32(parameter.Name, parameter.Values);
        }

        file.ReadFloat32("optimiser.first_moment", optimiser.FirstMoment[..checked((int)parameters.Count)]);
        file.ReadFloat32("optimiser.second_moment", optimiser.SecondMoment[..checked((int)parameters.Count)]);
        optimiser.Steps = int.Parse(file.Metadata["step"], CultureInfo.InvariantCulture);
        best.Score = double.Parse(file.Metadata["best_score"], CultureInfo.InvariantCulture);
        best.Step = int.Parse(file.Metadata["best_step"], CultureInfo.InvariantCulture);
        if (file.Tensors.ContainsKey("best.0"))
        {
            best.Values = [.. parameters.Parameters.Select((parameter, i) =>
            {
                float[] values = new float[parameter.Count];
                file.ReadFloat32($"best.{i}", values);
                return values;
            })];
        }
    }

    /// <summary>The options that change what training gives; how often checkpoints are written does not.</summary>
    private static string Fingerprint(TrainerOptions options) =>
        JsonSerializer.Serialize(options with { CheckpointSeconds = 0 }, TrainingJson.Default.TrainerOptions).ReplaceLineEndings(" ");
}
