using System.Text.Json.Serialization;

namespace Apprentice.Models;

/// <summary>Writes names from files into messages so that control characters in them are visible and harmless.</summary>
[JsonSerializable(typeof(string))]
internal sealed partial class NameJson : JsonSerializerContext;
