using System.Text.Json.Serialization;
using Apprentice.Training;

namespace Apprentice.Workspace;

[JsonSourceGenerationOptions(WriteIndented = true)]
[JsonSerializable(typeof(TrainerOptions))]
[JsonSerializable(typeof(TrainingRecipe))]
[JsonSerializable(typeof(List<double>))]
internal sealed partial class WorkspaceJson : JsonSerializerContext;
