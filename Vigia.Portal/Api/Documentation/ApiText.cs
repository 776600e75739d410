namespace Vigia.Portal.Api.Documentation;

/// <summary>Names the resources of the OpenAPI document and of the page that is made from it.</summary>
public sealed class ApiText;
