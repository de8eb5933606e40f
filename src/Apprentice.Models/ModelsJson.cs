using System.Text.Json.Serialization;

namespace Apprentice.Models;

[JsonSourceGenerationOptions(WriteIndented = true)]
[JsonSerializable(typeof(RobertaConfig))]
internal sealed partial class ModelsJson : JsonSerializerContext;
