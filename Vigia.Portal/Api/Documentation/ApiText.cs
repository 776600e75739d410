namespace Vigia.Portal.Api.Documentation;

/// <summary>Names the resources of the API's document and of the page made from it.</summary>
public sealed class ApiText;
